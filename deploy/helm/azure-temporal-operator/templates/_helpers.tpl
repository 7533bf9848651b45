{{/* The prefix of all names; 48 characters leave room for the suffixes. */}}
{{- define "azure-temporal-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Labels of a part. Call with (dict "root" $ "part" "worker"). */}}
{{- define "azure-temporal-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "azure-temporal-operator.labels" -}}
{{ include "azure-temporal-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "azure-temporal-operator.image" -}}
{{- $image := .Values.image -}}
{{- $tag := default .Chart.AppVersion $image.tag -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/*
The kinds that crds.kinds selects, as JSON: {group: [plural]}. The notation is that of the crds command; GenericResource
is selected by its own group only.
*/}}
{{- define "azure-temporal-operator.kinds" -}}
{{- $generic := "generic.azure-temporal-operator.io" -}}
{{- $selected := dict -}}
{{- $all := .Files.Get "files/kinds.json" | fromJson -}}
{{- range $part := .Values.crds.kinds | default (list "*") -}}
{{- $pattern := printf "^%s$" ($part | replace "." "\\." | replace "*" ".*") -}}
{{- $found := false -}}
{{- range $group, $kinds := $all -}}
{{- if or (ne $group $generic) (hasPrefix (printf "%s/" $generic) $part) -}}
{{- range $kind, $plural := $kinds -}}
{{- if or (eq $part "*") (regexMatch $pattern (printf "%s/%s" $group $kind)) -}}
{{- $found = true -}}
{{- $_ := set $selected $group (append (get $selected $group | default list) $plural | uniq | sortAlpha) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $found -}}
{{- fail (printf "crds.kinds: no kind matches %q; write <group>/<Kind> or <group>/*, as listed in docs/kinds.md" $part) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.genericResourceTypes (not (hasKey $selected $generic)) -}}
{{- fail (printf "genericResourceTypes is set, but crds.kinds does not select GenericResource: add %q to crds.kinds, and %q too if you want all other kinds" (printf "%s/*" $generic) "*") -}}
{{- end -}}
{{- toJson $selected -}}
{{- end -}}

{{/* What values.schema.json cannot say. */}}
{{- define "azure-temporal-operator.validate" -}}
{{- if not .Values.temporal.address -}}
{{- fail "temporal.address is not set; set it to the address of Temporal's frontend, such as temporal-frontend.temporal.svc:7233" -}}
{{- end -}}
{{- if not (regexMatch "^([A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+\\]):[0-9]{1,5}$" .Values.temporal.address) -}}
{{- fail (printf "temporal.address is %q; write <host>:<port>, without https://" .Values.temporal.address) -}}
{{- end -}}
{{- if not (regexMatch "^(never|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$" .Values.syncPeriod) -}}
{{- fail (printf "syncPeriod is %q; write a Go duration such as 1h or 15m, or never" .Values.syncPeriod) -}}
{{- end -}}
{{- $azure := .Values.azure -}}
{{- if and $azure.workloadIdentity.enabled $azure.secretName -}}
{{- fail "azure.workloadIdentity.enabled and azure.secretName exclude each other; leave one of them out" -}}
{{- end -}}
{{- $ids := list $azure.subscriptionId $azure.tenantId $azure.clientId | compact | len -}}
{{- if and (gt $ids 0) (lt $ids 3) -}}
{{- fail "azure.subscriptionId, azure.tenantId and azure.clientId belong together; set all three, or none and let each namespace have its own credential" -}}
{{- end -}}
{{- if and (eq $ids 3) (not $azure.workloadIdentity.enabled) (not $azure.secretName) -}}
{{- fail "azure.clientId is set, but nothing proves it: set azure.workloadIdentity.enabled, or azure.secretName to a Secret with AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE" -}}
{{- end -}}
{{- if and .Values.temporal.tls.secretName (not .Values.temporal.tls.enabled) -}}
{{- fail "temporal.tls.secretName is set, but temporal.tls.enabled is false; set it to true" -}}
{{- end -}}
{{- $worker := .Values.worker -}}
{{- if and $worker.buildId (not $worker.deploymentName) -}}
{{- fail "worker.buildId is set without worker.deploymentName; set both, or none" -}}
{{- end -}}
{{- end -}}

{{/* The namespaces of Roles: those of the users. An empty list means ClusterRoles. */}}
{{- define "azure-temporal-operator.targetNamespaces" -}}
{{- .Values.targetNamespaces | uniq | sortAlpha | toJson -}}
{{- end -}}
