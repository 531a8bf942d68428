{{/*
The drain budget: media.drain.maxSeconds is the one value, the rest is worked out here. The pod's
grace period begins with preStop, as the process's own deadline does; the margin is for what comes
after the last stream: the reports to control, and the process's end.
*/}}

{{- define "weir.drainMargin" -}}30{{- end -}}

{{- define "weir.gracePeriod" -}}
{{- add (int .Values.media.drain.maxSeconds) (int (include "weir.drainMargin" .)) -}}
{{- end -}}
