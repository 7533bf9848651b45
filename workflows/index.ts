/** The workflow bundle's entry: what is exported here is registered with the worker. */
export { azureResource } from './azure-resource.ts';
