import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Search attributes to find a resource in the Temporal UI. Keywords: exact match, at most 255 characters. */
export const AzureKind = defineSearchAttributeKey('AzureKind', SearchAttributeType.KEYWORD);
export const AzureState = defineSearchAttributeKey('AzureState', SearchAttributeType.KEYWORD);
export const KubeNamespace = defineSearchAttributeKey('KubeNamespace', SearchAttributeType.KEYWORD);
export const KubeName = defineSearchAttributeKey('KubeName', SearchAttributeType.KEYWORD);
export const AzureResourceId = defineSearchAttributeKey('AzureResourceId', SearchAttributeType.KEYWORD);
export const ErrorCode = defineSearchAttributeKey('ErrorCode', SearchAttributeType.KEYWORD);

export const SEARCH_ATTRIBUTES = [AzureKind, AzureState, KubeNamespace, KubeName, AzureResourceId, ErrorCode] as const;

/** `Waiting`: for an owner, a Secret or a reference. `Deleted`: the state of a run that completed a deletion. */
export type State =
  'Resolving' | 'Applying' | 'Provisioning' | 'Exporting' | 'Ready' | 'Waiting' | 'Failed' | 'Deleting' | 'Deleted';
