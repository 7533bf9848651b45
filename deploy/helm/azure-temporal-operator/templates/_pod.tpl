{{/* What the `restricted` Pod Security Standard asks for, and a root file system that nobody writes. */}}
{{- define "azure-temporal-operator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "azure-temporal-operator.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The connection to Temporal: environment variables of both processes. */}}
{{- define "azure-temporal-operator.temporalEnv" -}}
{{- $temporal := .Values.temporal -}}
- { name: TEMPORAL_ADDRESS, value: {{ $temporal.address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ $temporal.namespace | quote }} }
{{- with $temporal.tls }}
{{- if .enabled }}
- { name: TEMPORAL_TLS, value: "true" }
{{- with .serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ . | quote }} }
{{- end }}
{{- if .secretName }}
{{- with .caKey }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: {{ printf "/etc/temporal/tls/%s" . | quote }} }
{{- end }}
{{- with .certificateKey }}
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: {{ printf "/etc/temporal/tls/%s" . | quote }} }
{{- end }}
{{- with .privateKeyKey }}
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: {{ printf "/etc/temporal/tls/%s" . | quote }} }
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with $temporal.apiKey }}
{{- if .secretName }}
- name: TEMPORAL_API_KEY
  valueFrom:
    secretKeyRef: { name: {{ .secretName | quote }}, key: {{ .key | quote }} }
{{- end }}
{{- end }}
{{- end -}}

{{/* The operator's credential for Azure, and where Azure is: the worker's only. */}}
{{- define "azure-temporal-operator.azureEnv" -}}
{{- $azure := .Values.azure -}}
{{- if $azure.clientId }}
- { name: AZURE_SUBSCRIPTION_ID, value: {{ $azure.subscriptionId | quote }} }
- { name: AZURE_TENANT_ID, value: {{ $azure.tenantId | quote }} }
- { name: AZURE_CLIENT_ID, value: {{ $azure.clientId | quote }} }
{{- end }}
{{- if $azure.secretName }}
{{- $keys := list "AZURE_CLIENT_SECRET" "AZURE_CLIENT_CERTIFICATE" "AZURE_CLIENT_CERTIFICATE_PASSWORD" "AZURE_ADDITIONAL_TENANTS" }}
{{- if not $azure.clientId }}
{{- $keys = concat (list "AZURE_SUBSCRIPTION_ID" "AZURE_TENANT_ID" "AZURE_CLIENT_ID") $keys }}
{{- end }}
{{- range $keys }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $azure.secretName | quote }}, key: {{ . }}, optional: true }
{{- end }}
{{- end }}
{{- if $azure.workloadIdentity.enabled }}
- { name: AZURE_FEDERATED_TOKEN_FILE, value: /var/run/secrets/tokens/azure-identity }
{{- end }}
{{- with $azure.resourceManagerEndpoint }}
- { name: AZURE_RESOURCE_MANAGER_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- with $azure.resourceManagerAudience }}
- { name: AZURE_RESOURCE_MANAGER_AUDIENCE, value: {{ . | quote }} }
{{- end }}
{{- with $azure.authorityHost }}
- { name: AZURE_AUTHORITY_HOST, value: {{ . | quote }} }
{{- end }}
{{- end -}}

{{/* What both processes are told. */}}
{{- define "azure-temporal-operator.commonEnv" -}}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef: { fieldPath: metadata.namespace }
- { name: WATCH_SECRETS, value: {{ .Values.watchSecrets | quote }} }
- { name: LOG_LEVEL, value: {{ .Values.logLevel }} }
{{- with .Values.genericResourceTypes }}
- { name: GENERIC_RESOURCE_TYPES, value: {{ join ";" . | quote }} }
{{- end }}
{{ include "azure-temporal-operator.temporalEnv" . }}
{{- end -}}

{{- define "azure-temporal-operator.workerEnv" -}}
{{ include "azure-temporal-operator.commonEnv" . }}
- { name: DEFAULT_RECONCILE_POLICY, value: {{ .Values.defaultReconcilePolicy }} }
{{- with .Values.worker }}
{{- if .deploymentName }}
- { name: WORKER_DEPLOYMENT_NAME, value: {{ .deploymentName | quote }} }
- { name: WORKER_BUILD_ID, value: {{ default $.Chart.AppVersion .buildId | quote }} }
- { name: WORKER_BECOME_CURRENT, value: {{ .becomeCurrent }} }
{{- end }}
{{- end }}
{{- include "azure-temporal-operator.azureEnv" . }}
{{- end -}}

{{- define "azure-temporal-operator.watcherEnv" -}}
{{ include "azure-temporal-operator.commonEnv" . }}
- { name: AZURE_SYNC_PERIOD, value: {{ .Values.syncPeriod | quote }} }
- { name: WATCHER_SIGNALS_PER_SECOND, value: {{ .Values.watcher.signalsPerSecond | quote }} }
{{- with .Values.targetNamespaces }}
- { name: AZURE_TARGET_NAMESPACES, value: {{ join "," . | quote }} }
{{- end }}
{{- end -}}

{{- define "azure-temporal-operator.volumes" -}}
{{- $root := .root -}}
- name: tmp
  emptyDir: {}
{{- if $root.Values.temporal.tls.secretName }}
- name: temporal-tls
  secret: { secretName: {{ $root.Values.temporal.tls.secretName | quote }}, defaultMode: 0440 }
{{- end }}
{{- with $root.Values.azure.workloadIdentity }}
{{- if and .enabled (eq $.part "worker") }}
- name: azure-identity
  projected:
    sources:
      - serviceAccountToken:
          path: azure-identity
          audience: {{ .audience | quote }}
          expirationSeconds: {{ .tokenExpirationSeconds }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "azure-temporal-operator.volumeMounts" -}}
{{- $root := .root -}}
- { name: tmp, mountPath: /tmp }
{{- if $root.Values.temporal.tls.secretName }}
- { name: temporal-tls, mountPath: /etc/temporal/tls, readOnly: true }
{{- end }}
{{- if and $root.Values.azure.workloadIdentity.enabled (eq .part "worker") }}
- { name: azure-identity, mountPath: /var/run/secrets/tokens, readOnly: true }
{{- end }}
{{- end -}}

{{/* A Deployment. Call with (dict "root" $ "part" "worker" "args" list "env" text). */}}
{{- define "azure-temporal-operator.deployment" -}}
{{- $root := .root -}}
{{- $values := get $root.Values .part -}}
{{- $name := printf "%s-%s" (include "azure-temporal-operator.fullname" $root) .part -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "azure-temporal-operator.labels" . | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "azure-temporal-operator.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "azure-temporal-operator.labels" . | nindent 8 }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . | quote }}
        {{- end }}
      {{- end }}
      {{- with $values.priorityClassName }}
      priorityClassName: {{ . | quote }}
      {{- end }}
      securityContext:
        {{- include "azure-temporal-operator.podSecurityContext" . | nindent 8 }}
      topologySpreadConstraints:
        {{- range $root.Values.topologySpread.keys }}
        - maxSkew: 1
          topologyKey: {{ . | quote }}
          whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "azure-temporal-operator.selectorLabels" $ | nindent 14 }}
        {{- end }}
      containers:
        - name: {{ .part }}
          image: {{ include "azure-temporal-operator.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ toJson .args }}
          env:
            - { name: HTTP_ADDRESS, value: '0.0.0.0:8081' }
            {{- .env | nindent 12 }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            - { name: http, containerPort: 8081 }
          # The first seconds go into loading code and lists: only after them is silence a fault.
          startupProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "azure-temporal-operator.securityContext" . | nindent 12 }}
          volumeMounts:
            {{- include "azure-temporal-operator.volumeMounts" . | nindent 12 }}
            {{- with $values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "azure-temporal-operator.volumes" . | nindent 8 }}
        {{- with $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
