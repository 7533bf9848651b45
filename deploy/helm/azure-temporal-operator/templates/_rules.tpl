{{/*
The rights of each process: exactly those that it uses. docs/helm.md says why for each, and tests compare both with the
requests that the processes make (test/helm/).
*/}}

{{/* The worker, wherever resources are. */}}
{{- define "azure-temporal-operator.workerRules" -}}
{{- range $group, $plurals := include "azure-temporal-operator.kinds" . | fromJson }}
- apiGroups: [{{ $group }}]
  resources: {{ toJson $plurals }}
  verbs: [get, patch]
- apiGroups: [{{ $group }}]
  resources:
    {{- range $plurals }}
    - {{ . }}/status
    {{- end }}
  verbs: [patch]
{{- end }}
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [get, create, patch]
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [get, create, patch]
{{- end -}}

{{/* The worker in the operator's own namespace. */}}
{{- define "azure-temporal-operator.workerOwnRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, delete]
{{- if .Values.targetNamespaces }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [azure-temporal-operator-seal]
  verbs: [get]
# The right to create cannot be limited to a name.
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
{{- end -}}

{{/* The worker in the whole cluster, in every mode: the sign by which the admission policy knows the operator. */}}
{{- define "azure-temporal-operator.workerStateRules" -}}
- apiGroups: [azure-temporal-operator.io]
  resources: [operatorstate]
  verbs: [write]
{{- end -}}

{{/* The watcher, wherever resources are. RBAC knows no right to metadata alone: these include the contents of Secrets. */}}
{{- define "azure-temporal-operator.watcherRules" -}}
{{- range $group, $plurals := include "azure-temporal-operator.kinds" . | fromJson }}
- apiGroups: [{{ $group }}]
  resources: {{ toJson $plurals }}
  verbs: [list, watch]
{{- end }}
{{- if .Values.watchSecrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch, patch]
{{- end }}
- apiGroups: [""]
  resources: [configmaps]
  verbs: [list, watch]
{{- end -}}

{{- define "azure-temporal-operator.watcherOwnRules" -}}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [azure-temporal-operator-watcher]
  verbs: [get, patch]
# The right to create cannot be limited to a name.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
{{- end -}}

{{/* The watcher in the whole cluster, in every mode. */}}
{{- define "azure-temporal-operator.watcherClusterRules" -}}
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [namespaces]
  {{- with .Values.targetNamespaces }}
  resourceNames: {{ . | uniq | sortAlpha | toJson }}
  {{- end }}
  verbs: [list, watch]
{{- end -}}
