import { asObject, guidOf, type JsonObject } from '../json.ts';
import type { Call } from '../provider.ts';

/**
 * Creates the network interface of a private endpoint, which has its address. Other types are not changed.
 */
export function withInterface(call: Call, shown: JsonObject): JsonObject {
  const { target, store, now } = call;
  if (target.type.toLowerCase() !== 'microsoft.network/privateendpoints') return shown;
  const scope = target.id.slice(0, target.id.length - `/privateEndpoints/${target.name}`.length);
  const name = `${target.name}.nic.${guidOf(target.key)}`;
  const id = `${scope}/networkInterfaces/${name}`;
  const key = id.toLowerCase();
  const type = 'Microsoft.Network/networkInterfaces';
  const ipConfiguration: JsonObject = {
    id: `${id}/ipConfigurations/privateEndpointIpConfig`,
    name: 'privateEndpointIpConfig',
    properties: { provisioningState: 'Succeeded', privateIPAddress: '10.0.0.5', primary: true },
  };
  const body: JsonObject = {
    id,
    name,
    type,
    location: shown['location'] ?? 'westus2',
    properties: { provisioningState: 'Succeeded', ipConfigurations: [ipConfiguration] },
  };
  store.put({ key, id, type, name, createdAt: now, phase: 'ready', phaseSince: now, sent: {}, body });
  return { ...shown, properties: { ...asObject(shown['properties']), networkInterfaces: [{ id }] } };
}
