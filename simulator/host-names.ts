/** The resource whose endpoint it is. `key` is its ARM id in lower case. */
interface Named {
  readonly key: string;
  readonly name: string;
  readonly type: string;
}

/** Some services have the region in their host names. Nothing reads it. */
const REGION = 'westus2';

/**
 * The host names that Azure gives to the resources of a type, as recorded or documented; `{}` is the name of the
 * top-level resource. The first pattern that matches the type is used.
 */
const DOMAINS: readonly (readonly [type: RegExp, host: string])[] = [
  [/^apimanagement\/service/, '{}.azure-api.net'],
  [/^app\//, `{}.${REGION}.azurecontainerapps.io`],
  [/^appconfiguration\//, '{}.azconfig.io'],
  [/^batch\//, `{}.${REGION}.batch.azure.com`],
  [/^cache\/redisenterprise/, `{}.${REGION}.redisenterprise.cache.azure.net`],
  [/^cache\/redis/, '{}.redis.cache.windows.net'],
  [/^cdn\/profiles\/afdendpoints/, '{}.z01.azurefd.net'],
  [/^cdn\//, '{}.azureedge.net'],
  [/^cognitiveservices\//, '{}.cognitiveservices.azure.com'],
  [/^communication\//, '{}.communication.azure.com'],
  [/^containerregistry\//, '{}.azurecr.io'],
  [/^containerservice\/managedclusters/, `{}-dns-00000000.hcp.${REGION}.azmk8s.io`],
  [/^dbformariadb\//, '{}.mariadb.database.azure.com'],
  [/^dbforpostgresql\//, '{}.postgres.database.azure.com'],
  [/^devices\/iothubs/, '{}.azure-devices.net'],
  [/^documentdb\/mongoclusters/, '{}.mongocluster.cosmos.azure.com'],
  [/^eventgrid\//, `{}.${REGION}-1.eventgrid.azure.net`],
  [/^(eventhub|servicebus|notificationhubs)\//, '{}.servicebus.windows.net'],
  [/^keyvault\/vaults/, '{}.vault.azure.net'],
  [/^kusto\//, `{}.${REGION}.kusto.windows.net`],
  [/^network\/publicipaddresses/, `{}.${REGION}.cloudapp.azure.com`],
  [/^network\/trafficmanagerprofiles/, '{}.trafficmanager.net'],
  [/^network\/frontdoors/, '{}.azurefd.net'],
  [/^search\//, '{}.search.windows.net'],
  [/^signalrservice\/webpubsub/, '{}.webpubsub.azure.com'],
  [/^signalrservice\//, '{}.service.signalr.net'],
  [/^sql\//, '{}.database.windows.net'],
  [/^synapse\//, '{}.dev.azuresynapse.net'],
  [/^web\//, '{}.azurewebsites.net'],
];

/** The host name of a resource. A child has that of the resource which it is in. */
export function hostOf({ key, name, type }: Named): string {
  const short = type.slice('Microsoft.'.length).toLowerCase();
  const owner = topName(key) ?? name.toLowerCase();
  const domain = DOMAINS.find(([pattern]) => pattern.test(short))?.[1];
  return domain === undefined ? `${owner}.${short.split('/')[0] ?? ''}.azure.com` : domain.replace('{}', owner);
}

/** The URL of an endpoint. Service Bus writes its port, as recorded. */
export function endpointOf(resource: Named, name: string): string {
  return `https://${hostOf(resource)}${/^servicebusendpoint$/i.test(name) ? ':443' : ''}/`;
}

/** The name after the first type of the last provider in an id. */
function topName(key: string): string | undefined {
  return /.*\/providers\/[^/]+\/[^/]+\/([^/]+)/.exec(key)?.[1];
}
