{{/* A node that is lost takes as few streams along as can be. */}}
{{- define "weir.mediaAffinity" -}}
{{- with .Values.media.affinity -}}
{{ toYaml . }}
{{- else -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels: {{- include "weir.selector" (list . "media") | nindent 12 }}
{{- end -}}
{{- end -}}

{{- define "weir.mediaSpread" -}}
{{- with .Values.media.topologySpreadConstraints -}}
{{ toYaml . }}
{{- else -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "weir.selector" (list . "media") | nindent 6 }}
{{- end -}}
{{- end -}}
