#!/bin/sh
# make-kubeconfigs.sh FOLDER [NAMESPACE] writes FOLDER/worker and FOLDER/watcher: a kubeconfig for each process, with a token of a ServiceAccount of its
# own, for the cluster that kubectl talks to. Creates the namespace and the ServiceAccounts. Give them their rights before (docs/compose.md).
# The tokens end after DURATION (default one year; the API server may allow less): run this again, then restart both.
set -eu
folder=${1:?usage: make-kubeconfigs.sh FOLDER [NAMESPACE]}
namespace=${2:-azure-temporal-operator}
mkdir -p "$folder"
kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"
cluster() { kubectl config view --raw --minify --flatten --output "jsonpath={.clusters[0].cluster['$1']}"; }
server=${SERVER:-$(cluster server)}
authority=$(cluster certificate-authority-data)
for name in worker watcher; do
  account=azure-temporal-operator-$name
  kubectl get serviceaccount "$account" -n "$namespace" >/dev/null 2>&1 || kubectl create serviceaccount "$account" -n "$namespace"
  token=$(kubectl create token "$account" -n "$namespace" --duration "${DURATION:-8760h}")
  # The user of the container is none of this machine: the file must be readable, and the folder closed.
  cat >"$folder/$name.new" <<END
apiVersion: v1
kind: Config
current-context: operator
clusters: [{ name: cluster, cluster: { server: '$server', certificate-authority-data: '$authority' } }]
users: [{ name: $account, user: { token: '$token' } }]
contexts: [{ name: operator, context: { cluster: cluster, user: $account, namespace: $namespace } }]
END
  chmod 644 "$folder/$name.new"
  mv "$folder/$name.new" "$folder/$name"
done
chmod 700 "$folder"
