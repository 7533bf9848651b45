import { STORAGE_VERSION } from '../contract.ts';
import type { Node } from '../mapping/node.ts';
import type { ShapeWithParts } from '../shape.ts';

/** A difference to ASO that is meant to stay. */
export interface ParityRule {
  readonly what: 'sends' | 'accepts' | 'shows' | 'does';
  readonly ours: string;
  readonly aso: string;
  readonly why: string;
}

/** A difference of some kinds. `title` stands for it in the list of kinds. */
export interface KindRule extends ParityRule {
  readonly title: string;
  /**
   * Where in the kind: fields, api-versions, or an empty text for the kind as a whole. Undefined for a kind that does
   * not differ. Either kinds by `<Kind>.<group>`, or computed from what is known of the kind.
   */
  readonly kinds: Readonly<Record<string, readonly string[]>> | ((shapes: readonly ShapeWithParts[]) => string[]);
}

/** What differs for every kind. */
export const GENERAL_RULES: readonly ParityRule[] = [
  {
    what: 'sends',
    ours: 'a PUT only when the spec, an input or something in Azure differs',
    aso: 'a PUT at every reconcile, also at each resync',
    why: 'the write quota of ARM; a drift is still corrected',
  },
  {
    what: 'accepts',
    ours: 'a spec without `azureName`, which stays as it is; expressions see it in `self.spec.azureName` all the same',
    aso: 'its webhook writes `azureName` into the spec',
    why: 'no webhook and no certificates; a tool that compares manifests sees no change',
  },
  {
    what: 'accepts',
    ours: '`azureName` and `owner` can be changed as long as Azure has refused every PUT',
    aso: 'both are fixed as soon as the ARM id is known',
    why: 'a name that is taken can be corrected without a new resource',
  },
  {
    what: 'accepts',
    ours: 'wrong expressions and destinations are reported in the condition (`InvalidSpec`)',
    aso: 'its webhook refuses them',
    why: 'no webhook; what CRD and admission policy can check is refused at admission',
  },
  {
    what: 'accepts',
    ours: 'an unknown `reconcile-policy` stops everything (`AnnotationInvalid`)',
    aso: 'it falls back to the default policy, with a line in the log',
    why: 'a typing error must not delete what somebody wanted to keep',
  },
  {
    what: 'accepts',
    ours: 'an empty value of a Secret, or one that is not UTF-8, is not sent (`InputEmpty`, `InputNotText`)',
    aso: 'it is sent as it is',
    why: 'Azure would answer that the field is missing, or store something else',
  },
  {
    what: 'accepts',
    ours: 'the annotations `child-resource-id-override` and `operator-namespace` are not read',
    aso: 'the first replaces the ids of owners; the second keeps a second operator away',
    why: '`owner.armId` says the same in the spec; watchers elect a leader by a Lease',
  },
  {
    what: 'shows',
    ours: '`status.observedGeneration`: the generation that the condition is about; -1 until the operator has seen the resource',
    aso: 'only the condition has it',
    why: 'Flux and others look for it there ([gitops.md](gitops.md))',
  },
  {
    what: 'shows',
    ours: '`status.azureTemporalOperator` holds what outlives a run',
    aso: 'annotations hold it: `poller-resume-id`, `poller-resume-token`, `latest-reconciled-generation`',
    why: 'written in one request with the condition; signed URLs are sealed',
  },
  {
    what: 'shows',
    ours: '`status` leaves out fields that the types call secret or write-only, and texts that look like secrets',
    aso: 'it leaves out the fields that are marked as secret',
    why: 'a secret under a new name must not become readable',
  },
  {
    what: 'shows',
    ours: 'no labels `owner-name`, `owner-group-kind`, `owner-uid`, `last-reconciled-version`',
    aso: 'it writes them',
    why: "owner references and the worker's version say the same",
  },
  {
    what: 'shows',
    ours: `owner references and stored objects have the version \`${STORAGE_VERSION}\``,
    aso: 'each api-version has a storage version of its own, and a webhook converts',
    why: 'no webhook ([ADR 1](adr/0001-storage-version.md))',
  },
  {
    what: 'does',
    ours: 'empties a Secret or ConfigMap that the spec no longer names as a destination',
    aso: 'leaves the old values there',
    why: 'a key that nobody asks for any more should not stay readable',
  },
];

/** What differs for some kinds, and why. */
export const KIND_RULES: readonly KindRule[] = [
  {
    title: 'types of another api-version',
    what: 'accepts',
    ours: 'the fields, values and limits of the nearest api-version whose types are public',
    aso: 'those of the api-version itself',
    why: 'the types of these api-versions are not in the public data',
    kinds: (shapes) =>
      shapes.flatMap(({ row, apiVersion }) => {
        const from = row.typesFrom?.[apiVersion];
        return from === undefined ? [] : [`${apiVersion} has those of ${from}`];
      }),
  },
  {
    title: 'numbers above 2³¹',
    what: 'accepts',
    ours: "Azure's limits",
    aso: 'an int32 without limits',
    why: 'numbers of autonomous systems have 32 bits without a sign: half of them do not fit into an int32',
    kinds: (shapes) =>
      distinct(shapes.flatMap(({ node }) => fieldsWhere(node, isAboveInt32, '').map((field) => `\`${field}\``))),
  },
  {
    title: 'limits that say less',
    what: 'accepts',
    ours: 'a UUID has the pattern of the type data; URI formats and limits that say nothing are left out',
    aso: "the specification's own words for the same",
    why: 'the type data has no formats',
    kinds: {
      'Vault.keyvault.azure.com': ['`tenantId`', '`accessPolicies[].applicationId`', '`accessPolicies[].tenantId`'],
      'FederatedIdentityCredential.managedidentity.azure.com': ['`issuer`'],
      'StorageAccountsManagementPolicy.storage.azure.com': ['`…GreaterThan`', '`…value`'],
    },
  },
  {
    title: 'no recovery into another group',
    what: 'does',
    ours: '`createOrRecover` of a vault that was deleted in another resource group is refused, with what to do instead',
    aso: 'it sends the PUT, which Azure refuses',
    why: 'Azure can recover a vault only into the group that it was in',
    kinds: { 'Vault.keyvault.azure.com': ['`createMode`'] },
  },
  {
    title: 'a failed protection is not Ready',
    what: 'shows',
    ours: '`Ready=False` with `PostReconciliationFailure` while the protection status is `ConfiguringProtectionFailed` or `Invalid`',
    aso: '`Ready=True` in these states, because they do not change by themselves',
    why: 'a backup that does not run must not look healthy',
    kinds: { 'BackupVaultsBackupInstance.dataprotection.azure.com': [''] },
  },
  {
    title: 'cancelled once',
    what: 'sends',
    ours: 'reads the state of the subscription first; `cancel` is not sent to one that is disabled already',
    aso: '`cancel` at every attempt to delete; it also writes the annotation `child-resource-id-override`',
    why: 'a deletion is tried again until it succeeds; what is in the new subscription has a credential for it',
    kinds: { 'Alias.subscription.azure.com': [''] },
  },
  {
    title: 'exports that ASO cannot fill',
    what: 'shows',
    ours: 'the value that the name says',
    aso: 'another value, or none',
    why: 'in ASO `adminSecondaryKey` is the primary key, `queryKey` cannot be used, and the credentials of a fleet stay empty',
    kinds: {
      'SearchService.search.azure.com': ['`secrets.adminSecondaryKey`', '`secrets.queryKey`'],
      'Fleet.containerservice.azure.com': ['`secrets.userCredentials`'],
    },
  },
  {
    title: 'keys in expressions',
    what: 'shows',
    ours: '`secret.primaryKey` is the key',
    aso: 'it is the connection string',
    why: 'the name says so, and the export of the same name is the key in both',
    kinds: {
      'Namespace.notificationhubs.azure.com': ['`secretExpressions`'],
      'NotificationHub.notificationhubs.azure.com': ['`secretExpressions`'],
    },
  },
  {
    title: 'names of before 2.0',
    what: 'accepts',
    ours: 'also the version names of the alpha and beta releases',
    aso: 'it has removed them',
    why: 'guides and manifests still use them',
    kinds: (shapes) =>
      shapes.flatMap(({ kind, apiVersion }) =>
        (kind.served[apiVersion] ?? []).filter((name) => /^v1(alpha1api|beta)/.test(name)).map((name) => `\`${name}\``),
      ),
  },
];

const INT32_MAX = 2 ** 31 - 1;

function isAboveInt32(node: Node): boolean {
  return 'limits' in node && (node.limits.maximum ?? 0) > INT32_MAX;
}

/** The paths of the fields whose node is as wanted. */
function fieldsWhere(node: Node, isWanted: (node: Node) => boolean, path: string): string[] {
  if (isWanted(node)) return [path];
  if (node.type === 'array') return fieldsWhere(node.items, isWanted, `${path}[]`);
  if (node.type === 'map') return fieldsWhere(node.values, isWanted, `${path}.*`);
  if (node.type !== 'object') return [];
  return node.fields.flatMap(({ name, node: inner }) =>
    fieldsWhere(inner, isWanted, path === '' ? name : `${path}.${name}`),
  );
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
