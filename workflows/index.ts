/** The entry point of the workflow bundle: the worker registers the workflows that are exported here. */
export { azureResource } from './azure-resource.ts';
