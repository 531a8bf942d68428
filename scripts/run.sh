# shellcheck shell=bash
# ./weir run and ./weir demo: both services on loopback, until Ctrl-C. Sourced by ./weir.

rtmp_port=1935
grpc_port=7070
control_metrics_port=9090
media_metrics_port=9091
run_folder=$cache/run
control_pid=
media_pid=

run_usage() {
  cat <<'USAGE'
usage: ./weir run [OPTION…]
       ./weir demo [SECONDS] [OPTION…]

  --rtmp-port N             for encoders and players [1935]
  --grpc-port N             for calls of control [7070]
  --control-metrics-port N  for control's /metrics, /livez and /readyz [9090]
  --media-metrics-port N    for media's [9091]

Other settings are taken from the environment, as WEIR_SESSION_PHASE=5s ./weir run.
USAGE
}

run_command() {
  parse_ports "$@"
  start_services
  show_addresses
  wait_for_services
}

parse_ports() {
  local mistakes=()
  while (($# > 0)); do
    case $1 in
      -h | --help)
        run_usage
        exit 0
        ;;
      --rtmp-port | --grpc-port | --control-metrics-port | --media-metrics-port) take_port "$@" ;;
      *)
        mistakes+=("unknown option '$1'")
        shift
        continue
        ;;
    esac
    shift $(($# > 1 ? 2 : 1))
  done
  ((${#mistakes[@]} == 0)) || { run_usage >&2 && misused "${mistakes[@]}"; }
}

# take_port --SOME-PORT N: sets some_port, or adds to the caller's mistakes.
take_port() {
  local name=${1#--}
  if [[ ${2:-} =~ ^[0-9]{1,5}$ ]] && ((10#$2 >= 1 && 10#$2 <= 65535)); then
    printf -v "${name//-/_}" '%d' "$((10#$2))"
  else
    mistakes+=("$1 takes a port from 1 to 65535, not '${2:-}'")
  fi
}

start_services() {
  install_for_running
  require_free_port "$grpc_port" --grpc-port
  require_free_port "$control_metrics_port" --control-metrics-port
  require_free_port "$rtmp_port" --rtmp-port
  require_free_port "$media_metrics_port" --media-metrics-port
  step "build release" build_preset release weir-control weir-media
  mkdir -p "$run_folder"
  trap stop_services EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  start_service control "$root/build/release/bin/weir-control" \
    --grpc-listen "127.0.0.1:$grpc_port" --metrics-listen "127.0.0.1:$control_metrics_port"
  control_pid=$!
  wait_ready control "$control_pid" "$control_metrics_port"
  # As the README calls it.
  export WEIR_INSTANCE_ID=${WEIR_INSTANCE_ID:-media-0}
  start_service media "$root/build/release/bin/weir-media" \
    --control "127.0.0.1:$grpc_port" --rtmp-listen "127.0.0.1:$rtmp_port" \
    --metrics-listen "127.0.0.1:$media_metrics_port"
  media_pid=$!
  wait_ready media "$media_pid" "$media_metrics_port"
}

# Whoever listens there already would take our clients, or keep us from starting.
require_free_port() {
  local owner
  owner=$(ss -Hltnp "sport = :$1" | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/ by \1 (process \2)/p' | head -n 1)
  [[ -z $(ss -Hltn "sport = :$1") ]] ||
    die "port $1 is taken$owner; end that program, or choose another port with $2"
}

# In a session of its own, so that a Ctrl-C at the terminal reaches this script alone.
start_service() {
  local name=$1
  shift
  (cd "$run_folder" && exec setsid "$@" >"$run_folder/$name.log" 2>&1 </dev/null) &
}

wait_ready() {
  local name=$1 pid=$2 url=http://127.0.0.1:$3/readyz deadline=$((SECONDS + 30))
  until curl -fsS -o /dev/null --max-time 2 "$url" 2>/dev/null; do
    require_running "$name" "$pid"
    ((SECONDS < deadline)) || show_log_and_die "$name" "weir-$name is not ready after 30 s ($url)"
    sleep 0.1
  done
}

require_running() {
  local status=0
  if kill -0 "$2" 2>/dev/null; then return; fi
  wait "$2" || status=$?
  show_log_and_die "$1" "weir-$1 $(how_it_ended "$status")"
}

# how_it_ended STATUS: as the shell has it, above 128 for a signal.
how_it_ended() {
  if (($1 > 128)); then
    say "was killed by signal $(($1 - 128)) (SIG$(kill -l "$1"))"
  else
    say "ended by itself with exit code $1"
  fi
}

show_log_and_die() {
  tail -n 20 "$run_folder/$1.log" >&2
  die "$2; its log: $run_folder/$1.log"
}

show_addresses() {
  local rtmp=rtmp://127.0.0.1:$rtmp_port/live
  cat <<TEXT

Weir is running. Publish with an encoder to  $rtmp  (stream key: any name)

  publish   ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 -c:v libx264 -preset veryfast -g 60 -f flv '$rtmp/test?user=alice'
  play      ffplay '$rtmp/test?user=bob'      (or: ffmpeg -i '$rtmp/test?user=bob' -f null -)
  ask       grpcurl -plaintext -d '{"user_id": "alice"}' 127.0.0.1:$grpc_port weir.v1.SessionService/ListSessions
            (grpcurl: $(command -v grpcurl))

  metrics   http://127.0.0.1:$control_metrics_port/metrics (control), http://127.0.0.1:$media_metrics_port/metrics (media)
  logs      $run_folder/control.log, $run_folder/media.log

Ctrl-C ends both.
TEXT
}

wait_for_services() {
  wait -n "$control_pid" "$media_pid" || true
  require_running control "$control_pid"
  require_running media "$media_pid"
}

# Media first: its streams' ends are still told to control.
stop_services() {
  trap '' INT TERM HUP
  stop_service media "$media_pid"
  stop_service control "$control_pid"
}

# A first SIGTERM asks; media with live streams would negotiate, a second one ends it at once.
stop_service() {
  local name=$1 pid=$2 signal
  [[ -n $pid ]] || return 0
  for signal in TERM TERM KILL; do
    kill "-$signal" "$pid" 2>/dev/null || break
    if ended_within 5 "$pid"; then break; fi
  done
  wait "$pid" 2>/dev/null || true
  say "weir-$name ended"
}

ended_within() {
  local deadline=$((SECONDS + $1))
  while kill -0 "$2" 2>/dev/null; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

demo_publisher_pid=
demo_player_pid=

# A test picture is published live and played back; its frames are counted as they arrive.
demo_command() {
  local seconds=0
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    seconds=$1
    shift
  fi
  parse_ports "$@"
  start_services
  trap 'stop_demo; stop_services' EXIT
  local stream=rtmp://127.0.0.1:$rtmp_port/live/demo
  start_service demo-publisher ffmpeg -hide_banner -nostats -re \
    -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=frequency=440:sample_rate=48000 \
    -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -pix_fmt yuv420p -c:a aac \
    -f flv "$stream?user=demo-publisher"
  demo_publisher_pid=$!
  start_service demo-player ffmpeg -hide_banner -nostats -progress "$run_folder/demo-frames" \
    -i "$stream?user=demo-player" -map 0:v -f null -
  demo_player_pid=$!
  show_addresses
  say "A test picture is live as $stream; watch it with: ffplay '$stream?user=you'"
  count_frames "$seconds"
}

# Ends after the given seconds (0: never); fails unless frames go on arriving.
count_frames() {
  local seconds=$1 started=$SECONDS progressed=$SECONDS frames=0 before=0
  : >"$run_folder/demo-frames"
  while ((seconds == 0 || SECONDS - started < seconds)); do
    sleep 1
    frames=$(sed -n 's/^frame=//p' "$run_folder/demo-frames" | tail -n 1)
    frames=${frames:-0}
    if ((frames > before)); then progressed=$SECONDS; fi
    before=$frames
    if [[ -t 1 ]]; then printf '\r\033[Kthe player has received %d frames' "$frames"; fi
    ((SECONDS - progressed < 15)) ||
      show_log_and_die demo-player "the player has received no frame for 15 s"
    require_running media "$media_pid"
    require_running control "$control_pid"
  done
  ((frames > 0)) || show_log_and_die demo-player "the player has received no frame"
  say "$(clear_line)the player has received $frames frames in $seconds s"
}

stop_demo() {
  kill -TERM "$demo_player_pid" "$demo_publisher_pid" 2>/dev/null || true
}
