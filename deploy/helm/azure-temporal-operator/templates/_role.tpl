{{/*
A role and its binding to the ServiceAccount of a part. Call with (dict "root" $ "part" "worker" "suffix" "" "namespace"
"" "rules" text); without a namespace it is a ClusterRole.
*/}}
{{- define "azure-temporal-operator.role" -}}
{{- $root := .root -}}
{{- $account := printf "%s-%s" (include "azure-temporal-operator.fullname" $root) .part -}}
{{- $name := printf "%s%s" $account .suffix -}}
{{- if not .namespace -}}
{{- /* Two installations may have the same name in two namespaces. */ -}}
{{- $name = printf "%s:%s" $root.Release.Namespace $name -}}
{{- else if ne .namespace $root.Release.Namespace -}}
{{- $name = printf "%s:%s" $root.Release.Namespace $name -}}
{{- end -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "Role" "ClusterRole" (not (empty .namespace)) }}
metadata:
  name: {{ $name | quote }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "azure-temporal-operator.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
rules:
  {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "RoleBinding" "ClusterRoleBinding" (not (empty .namespace)) }}
metadata:
  name: {{ $name | quote }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "azure-temporal-operator.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ ternary "Role" "ClusterRole" (not (empty .namespace)) }}
  name: {{ $name | quote }}
subjects:
  - { kind: ServiceAccount, name: {{ $account }}, namespace: {{ $root.Release.Namespace }} }
{{- end -}}
