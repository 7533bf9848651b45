/**
 * What jest loads instead of client-node's generated API, as `kube/skip-generated-api.ts` does it in the operator: jest
 * does not know Node's hooks, and the classes of every Kubernetes API cost each test file half a second.
 */
export { createConfiguration } from '@kubernetes/client-node/dist/gen/configuration.js';
export { ServerConfiguration } from '@kubernetes/client-node/dist/gen/servers.js';
