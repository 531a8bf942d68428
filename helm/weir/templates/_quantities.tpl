{{/*
Durations and sizes among the options: texts, which a schema cannot compare with their bounds.
quantities.yaml has what docs/configuration.md says of them.
*/}}

{{/* In milliseconds or bytes; empty where the text is no such quantity: (list $units "10s"). */}}
{{- define "weir.inLeastUnit" -}}
{{- $units := first . -}}
{{- $text := last . -}}
{{- $number := regexFind "^[0-9]{1,18}" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- if eq $text "0" -}}
0
{{- else if and $number (hasKey $units $unit) -}}
{{- mulf (float64 $number) (float64 (get $units $unit)) -}}
{{- end -}}
{{- end -}}

{{/* An option's value in milliseconds, or its default: (list $ "control" "stop-timeout"). */}}
{{- define "weir.milliseconds" -}}
{{- $root := first . -}}
{{- $quantities := $root.Files.Get "quantities.yaml" | fromYaml -}}
{{- with get (index $root.Values (index . 1)).options (last .) -}}
{{- include "weir.inLeastUnit" (list $quantities.units.duration .) -}}
{{- else -}}
{{- (get (index $quantities (index . 1)) (last .)).default -}}
{{- end -}}
{{- end -}}

{{- define "weir.checkQuantities" -}}
{{- $quantities := .Files.Get "quantities.yaml" | fromYaml -}}
{{- range $service := list "control" "media" -}}
{{- range $flag, $value := (index $.Values $service).options -}}
{{- with get (index $quantities $service) $flag -}}
{{- $size := include "weir.inLeastUnit" (list (index $quantities.units .kind) $value) -}}
{{- if not $size -}}
{{- fail (printf "\n\n%s.options.%s is %s, which is no %s: write a whole number and its unit (%s), %s.\n" $service $flag $value .kind (keys (index $quantities.units .kind) | sortAlpha | join ", ") .bounds) -}}
{{- end -}}
{{- if or (lt (float64 $size) .least) (gt (float64 $size) .most) -}}
{{- fail (printf "\n\n%s.options.%s is %s: set it to something from %s.\n" $service $flag $value .bounds) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
