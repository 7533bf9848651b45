/** A kind of ASO that this operator does not have. */
interface MissingKind {
  readonly group: string;
  readonly kind: string;
  readonly what: string;
  readonly why: string;
}

const SQL_USER = 'not a resource of ARM but a user inside the database, which is made with SQL; it comes later';
const HCP = {
  group: 'redhatopenshift.azure.com',
  why: 'its types (2026-06-30-preview) are not public; a `GenericResource` manages it: [example](hcp-openshift.yaml)',
};

/** In the order of the page. */
export const MISSING_KINDS: readonly MissingKind[] = [
  { group: 'dbformysql.azure.com', kind: 'User', what: 'a user of a MySQL server', why: SQL_USER },
  { group: 'dbforpostgresql.azure.com', kind: 'User', what: 'a user of a PostgreSQL server', why: SQL_USER },
  {
    group: 'entra.azure.com',
    kind: 'SecurityGroup',
    what: 'a group of Entra ID',
    why: 'not a resource of ARM but one of Microsoft Graph, which has other credentials; it comes later',
  },
  { ...HCP, kind: 'HcpOpenShiftCluster', what: 'Microsoft.RedHatOpenShift/hcpOpenShiftClusters' },
  {
    ...HCP,
    kind: 'HcpOpenShiftClustersExternalAuth',
    what: 'Microsoft.RedHatOpenShift/hcpOpenShiftClusters/externalAuths',
  },
  { ...HCP, kind: 'HcpOpenShiftClustersNodePool', what: 'Microsoft.RedHatOpenShift/hcpOpenShiftClusters/nodePools' },
  { group: 'sql.azure.com', kind: 'User', what: 'a user of an Azure SQL database', why: SQL_USER },
];

/** The section of docs/kinds.md that lists them. */
export function missingKindsSection(): string {
  const rows = MISSING_KINDS.map(({ group, kind, what, why }) => `| ${kind}.${group}<br>${what} | ${why} |\n`);
  return `\n## Kinds of ASO that are not there\n\n| kind | why |\n| --- | --- |\n${rows.join('')}`;
}
