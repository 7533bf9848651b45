import type { Kind } from '../contract.ts';
import { versionNames } from './version-names.ts';

/** A path of the ARM payload and what the row says about it, for all api-versions or for `versions` only. */
export type PathEntry = string | PathFact;
export interface PathFact {
  readonly path: string;
  readonly versions?: readonly string[];
  readonly name?: string;
  readonly wellKnown?: boolean;
  readonly keepPlain?: boolean;
  readonly map?: boolean;
  readonly twin?: boolean;
  readonly type?: 'string' | 'boolean' | 'integer' | 'map' | 'number' | 'object';
  readonly enum?: readonly (string | number)[];
}

/** The source of a value that can be exported, as kinds.json states it. */
export interface GeneratedFact {
  readonly versions?: readonly string[];
  readonly status?: string;
  readonly post?: string;
  readonly path?: string;
  readonly list?: string;
  readonly where?: Readonly<Record<string, string | boolean | null>>;
  readonly first?: boolean;
  readonly child?: string;
  readonly apiVersion?: string;
  readonly followId?: string;
  readonly idPart?: 'subscription';
  readonly encoding?: 'base64';
  /** For the value of a ConfigMap: some resources of the kind do not have it. */
  readonly optional?: boolean;
}

/** Where the spec of a kind departs from the general rules. */
export interface ShapeFacts {
  readonly keepProperties?: readonly PathEntry[];
  readonly flatten?: readonly PathEntry[];
  readonly omit?: readonly PathEntry[];
  readonly include?: readonly PathEntry[];
  readonly add?: readonly PathEntry[];
  readonly idOnly?: readonly PathEntry[];
  readonly variantTypeNames?: readonly PathEntry[];
  readonly newName?: readonly PathEntry[];
  readonly plainString?: readonly PathEntry[];
  readonly types?: readonly PathEntry[];
  readonly number?: readonly PathEntry[];
  readonly freeMap?: readonly PathEntry[];
  readonly optional?: readonly PathEntry[];
  readonly required?: readonly PathEntry[];
  readonly emptyAsNull?: boolean;
  readonly emptyAsEmpty?: readonly PathEntry[];
  readonly keepChildren?: readonly PathEntry[];
}

/** One row of kinds.json that is an ARM resource. */
export interface Row {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly armType: string;
  readonly apiVersions: readonly string[];
  readonly served: Readonly<Record<string, readonly string[]>>;
  readonly typesFrom?: Readonly<Record<string, string>>;
  readonly scope: Kind['scope'];
  readonly owner: Kind['owner'];
  readonly delete: boolean | null;
  readonly existsBy?: 'HEAD';
  readonly invisibleWhileCreated?: boolean;
  readonly azureName:
    | { readonly default: 'metadata.name' | 'uuid5'; readonly fromConfig?: boolean }
    | { readonly fixed: string | Readonly<Record<string, string>> };
  readonly references: readonly PathEntry[];
  readonly secretInputs: readonly PathEntry[];
  readonly configMapInputs: readonly PathEntry[];
  readonly generatedSecrets: Readonly<Record<string, GeneratedFact>>;
  readonly generatedConfigMaps: Readonly<Record<string, GeneratedFact>>;
  readonly operatorSpecExtra?: Readonly<Record<string, readonly string[]>>;
  readonly shape?: ShapeFacts;
}

/** The part of a row that other rooms may use. */
export function toKind(row: Row): Kind {
  return {
    group: row.group,
    kind: row.kind,
    plural: row.plural,
    armType: row.armType,
    apiVersions: row.apiVersions,
    served: versionNames(row),
    scope: row.scope,
    owner: row.owner,
    deletable: row.delete !== false,
    existsBy: row.existsBy ?? 'GET',
    invisibleWhileCreated: row.invisibleWhileCreated === true,
    azureName: 'fixed' in row.azureName ? { fixed: row.azureName.fixed } : { default: row.azureName.default },
  };
}
