{{/* Values that fit their types and still cannot work; each refusal says what to change. */}}
{{- define "weir.checks" -}}
{{- $media := .Values.media -}}
{{- $control := .Values.control -}}
{{- if not .Values.insecure -}}
{{- fail "\n\ninsecure is false, but this release has neither TLS between the services nor credentials: set insecure=true once you have seen to it that only those you trust reach the ports (the chart's NetworkPolicies help).\n" -}}
{{- end -}}
{{- if gt (int $control.replicas) 1 -}}
{{- fail (printf "\n\ncontrol.replicas is %d, but the embedded store is a file that one process owns, and two would each admit a user's last session: set control.replicas to 1.\n" (int $control.replicas)) -}}
{{- end -}}
{{- if and $media.rtmps.enabled (not $media.rtmps.existingSecret) -}}
{{- fail "\n\nmedia.rtmps.enabled needs a certificate: set media.rtmps.existingSecret to a Secret of type kubernetes.io/tls.\n" -}}
{{- end -}}
{{- if and $media.rtmps.enabled (eq (int $media.rtmps.port) (int $media.rtmp.port)) -}}
{{- fail (printf "\n\nmedia.rtmp.port and media.rtmps.port are both %d: set media.rtmps.port to another.\n" (int $media.rtmp.port)) -}}
{{- end -}}
{{- include "weir.checkVariables" . -}}
{{- include "weir.checkQuantities" . -}}
{{- include "weir.checkDrain" . -}}
{{- include "weir.checkInstances" . -}}
{{- include "weir.checkAutoscaling" $media -}}
{{- end -}}

{{/* An option that came in as a variable would pass all checks of options by. */}}
{{- define "weir.checkVariables" -}}
{{- range $service := list "control" "media" -}}
{{- range (index $.Values $service).extraEnv -}}
{{- if and (hasPrefix "WEIR_" .name) (not .valueFrom) -}}
{{- fail (printf "\n\n%s.extraEnv sets %s, past the chart's checks: set %s.options.%s instead, or the value that the chart has for it.\n" $service .name $service (.name | trimPrefix "WEIR_" | lower | replace "_" "-")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "weir.checkDrain" -}}
{{- $drain := .Values.media.drain -}}
{{- $grace := int (include "weir.gracePeriod" .) -}}
{{- $least := add 20 (int (include "weir.drainMargin" .)) -}}
{{- if and (gt (int $drain.clusterLimitSeconds) 0) (lt (int $drain.clusterLimitSeconds) (int $least)) -}}
{{- fail (printf "\n\nmedia.drain.clusterLimitSeconds is %d, and no drain fits into that: raise the cluster's limit to %d or more.\n" (int $drain.clusterLimitSeconds) (int $least)) -}}
{{- end -}}
{{- if and (gt (int $drain.clusterLimitSeconds) 0) (gt $grace (int $drain.clusterLimitSeconds)) -}}
{{- fail (printf "\n\nmedia.drain.maxSeconds does not fit: pods would need %d s to end, but the cluster kills them after %d (media.drain.clusterLimitSeconds): raise the cluster's limit, or set media.drain.maxSeconds to at most %d.\n" $grace (int $drain.clusterLimitSeconds) (sub (int $drain.clusterLimitSeconds) (int (include "weir.drainMargin" .)))) -}}
{{- end -}}
{{- end -}}

{{/* Durations that are good by themselves, and not together. */}}
{{- define "weir.checkInstances" -}}
{{- $budget := int .Values.media.drain.maxSeconds -}}
{{- $grace := float64 (include "weir.milliseconds" (list . "control" "shutdown-grace")) -}}
{{- if gt $grace (mulf $budget 500) -}}
{{- fail (printf "\n\ncontrol.options.shutdown-grace is %s, but streams are to be moved after %d s, half of media.drain.maxSeconds: set it to at most that, or raise media.drain.maxSeconds.\n" (get .Values.control.options "shutdown-grace") (div $budget 2)) -}}
{{- end -}}
{{- $lifetime := float64 (include "weir.milliseconds" (list . "media" "instance-lifetime")) -}}
{{- if and (gt $lifetime 0.0) (lt $lifetime (mulf $budget 1000)) -}}
{{- fail (printf "\n\nmedia.options.instance-lifetime is %s, but a pod may take %d s to go (media.drain.maxSeconds), so that most pods would drain at any time: set it to more than that, or to 0 for ever.\n" (get .Values.media.options "instance-lifetime") $budget) -}}
{{- end -}}
{{- $interval := float64 (include "weir.milliseconds" (list . "control" "instance-report-interval")) -}}
{{- $lease := float64 (include "weir.milliseconds" (list . "control" "instance-lease")) -}}
{{- if lt $lease (mulf $interval 7) -}}
{{- fail (printf "\n\ncontrol.options.instance-lease is %v s and instance-report-interval %v s: set the lease to at least 7 times the interval.\n" (divf $lease 1000) (divf $interval 1000)) -}}
{{- end -}}
{{- $phase := float64 (include "weir.milliseconds" (list . "control" "session-phase")) -}}
{{- $start := float64 (include "weir.milliseconds" (list . "control" "session-start-timeout")) -}}
{{- $idle := float64 (default 3 (get .Values.control.options "session-idle-phases")) -}}
{{- $outlived := minf $start (mulf $phase (addf $idle 0.5)) -}}
{{- if gt $lease $outlived -}}
{{- fail (printf "\n\ncontrol.options.instance-lease is %v s, but sessions outlive a silence of %v s only: raise session-start-timeout, and session-phase or session-idle-phases, or set the lease to at most that (and instance-report-interval to a seventh of it).\n" (divf $lease 1000) (divf $outlived 1000)) -}}
{{- end -}}
{{- end -}}

{{- define "weir.checkAutoscaling" -}}
{{- $scaling := .autoscaling -}}
{{- if $scaling.enabled -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail (printf "\n\nmedia.autoscaling.minReplicas is %d and maxReplicas %d: raise maxReplicas.\n" (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if not (or (gt (int $scaling.cpuUtilization) 0) $scaling.streams.enabled) -}}
{{- fail "\n\nmedia.autoscaling has nothing to go by: set cpuUtilization, or streams.enabled.\n" -}}
{{- end -}}
{{- if and $scaling.streams.enabled (not (and (index .options "limit-publishers") (index .options "limit-players"))) -}}
{{- fail "\n\nmedia.autoscaling.streams goes by streams per capacity, and no capacity is known: set media.options.limit-publishers and limit-players to what one pod can serve.\n" -}}
{{- end -}}
{{- end -}}
{{- end -}}
