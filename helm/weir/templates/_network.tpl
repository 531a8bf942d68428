{{/* Who may read /metrics: those the values name and the chart's own tests. */}}
{{- define "weir.metricsPeers" -}}
- podSelector:
    matchLabels: {{- include "weir.selector" (list . "test") | nindent 6 }}
{{- with .Values.networkPolicy.metricsFrom }}
{{ toYaml . }}
{{- else }}
- namespaceSelector: {}
{{- end }}
{{- end -}}
