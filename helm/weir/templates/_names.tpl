{{/* What objects are called, labelled and found by. */}}

{{- define "weir.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* Leaves 11 of a name's 63 characters for what comes after it. */}}
{{- define "weir.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "weir.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "weir.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "weir.labels" -}}
{{ include "weir.releaseLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: weir
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "weir.releaseLabels" -}}
app.kubernetes.io/name: {{ include "weir.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What a service's pods are selected by: (list $ "media"). */}}
{{- define "weir.selector" -}}
{{- $root := first . -}}
{{ include "weir.releaseLabels" $root }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* The labels of a service's objects: (list $ "media"). */}}
{{- define "weir.componentLabels" -}}
{{- $root := first . -}}
{{ include "weir.labels" $root }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/*
The labels of a service's pods: (list $ "media"). Without the chart's version, which would make every
upgrade of the chart replace, and so drain, every pod.
*/}}
{{- define "weir.podLabels" -}}
{{- $root := first . -}}
{{ include "weir.selector" . }}
app.kubernetes.io/part-of: weir
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* registry/repository:tag, or @digest: (list $ "media"). */}}
{{- define "weir.image" -}}
{{- $root := first . -}}
{{- $image := (index $root.Values (last .)).image -}}
{{- $repository := $image.repository -}}
{{- with $root.Values.image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default $root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{/* The name of a service's account: (list $ "media"). */}}
{{- define "weir.serviceAccount" -}}
{{- $root := first . -}}
{{- $account := (index $root.Values (last .)).serviceAccount -}}
{{- if $account.create -}}
{{- default (printf "%s-%s" (include "weir.fullname" $root) (last .)) $account.name -}}
{{- else -}}
{{- default "default" $account.name -}}
{{- end -}}
{{- end -}}

{{/* Where the pods call control. */}}
{{- define "weir.controlAddress" -}}
{{- printf "%s-control.%s.svc:%d" (include "weir.fullname" .) .Release.Namespace (int .Values.control.service.port) -}}
{{- end -}}

{{- define "weir.anyAddress" -}}
{{- if eq .Values.ipFamily "IPv6" -}}[::]{{- else -}}0.0.0.0{{- end -}}
{{- end -}}

{{- define "weir.podAddress" -}}
{{- if eq .Values.ipFamily "IPv6" -}}[$(POD_IP)]{{- else -}}$(POD_IP){{- end -}}
{{- end -}}

{{/* Settings given by their flags' names, as the variables that the programs read. */}}
{{- define "weir.optionVariables" -}}
{{- range $flag, $value := . }}
{{- /* Whole numbers come as floats, which large ones would be written as. */}}
{{- if and (kindIs "float64" $value) (eq $value (floor $value)) }}{{ $value = int64 $value }}{{ end }}
{{ printf "WEIR_%s" ($flag | replace "-" "_" | upper) }}: {{ $value | toString | quote }}
{{- end }}
{{- end -}}
