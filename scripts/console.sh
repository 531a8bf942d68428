# shellcheck shell=bash
# What the other scripts say to the person at the terminal. Sourced by ./weir.

say() { printf '%s\n' "$*"; }

die() {
  printf 'weir: %s\n' "$*" >&2
  exit 1
}

# misused MISTAKE…: all that is wrong with the command line, told at once.
misused() {
  printf 'weir: %s\n' "$@" >&2
  exit 2
}

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# require TOOL…: a missing tool is a failure, never a skipped check.
require() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is missing; run ./weir deps"
  done
}

# step NAME COMMAND…: runs the command with its output in a log, shows how far it is, and shows
# the log's end when it fails. Returns the command's status.
step_job=
step_log=
step() {
  local name=$1 start=$SECONDS status=0
  shift
  step_log=$logs/${name//[^a-zA-Z0-9]/-}.log
  # Its own process group, so that an interrupt can end the command with all its children.
  set -m
  "$@" >"$step_log" 2>&1 </dev/null &
  step_job=$!
  set +m
  trap 'kill -TERM -- "-$step_job" 2>/dev/null; exit 130' INT TERM
  show_progress "$name" "$start"
  wait "$step_job" || status=$?
  trap - INT TERM
  step_job=
  if ((status == 0)); then
    say "$(clear_line)ok      $(clock $((SECONDS - start)))  $name"
  else
    say "$(clear_line)FAILED  $(clock $((SECONDS - start)))  $name"
    tail -n 60 "$step_log" >&2
    say "the whole output: $step_log" >&2
  fi
  return "$status"
}

clear_line() { if [[ -t 1 ]]; then printf '\r\033[K'; fi; }

# On a terminal one line that is rewritten; elsewhere one line a minute.
show_progress() {
  local name=$1 start=$2 told=0 elapsed
  while kill -0 "$step_job" 2>/dev/null; do
    elapsed=$((SECONDS - start))
    if [[ -t 1 ]]; then
      printf '\r\033[K…       %s  %s  %.60s' "$(clock "$elapsed")" "$name" "$(last_line)"
    elif ((elapsed >= told + 60)); then
      told=$elapsed
      say "…       $(clock "$elapsed")  $name  $(last_line)"
    fi
    sleep 0.2
  done
}

# What is done, not in which folder of the build: "[7/90] Building CXX object log.cc.o".
last_line() { tail -n 1 "$step_log" 2>/dev/null | tr -d '\r' | sed 's|[a-z_][^ ]*/||g' | cut -c1-60; }
