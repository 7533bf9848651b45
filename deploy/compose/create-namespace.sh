#!/bin/sh
# Waits for the server, then makes the namespace and the columns by which a resource is found in the UI.
set -eu
until temporal operator cluster health >/dev/null 2>&1; do sleep 1; done
temporal operator namespace describe -n default >/dev/null 2>&1 || temporal operator namespace create -n default --retention 72h
for name in AzureKind AzureState KubeNamespace KubeName AzureResourceId ErrorCode; do
  temporal operator search-attribute create -n default --name "$name" --type Keyword || true
done
