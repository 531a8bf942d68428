# shellcheck shell=bash
# ./weir bench: measures the release build. Sourced by ./weir.

# bench_command [NAME…]: all of it, or what matches a name.
bench_command() {
  require cmake ninja python3 taskset nginx
  step "build release" build_preset release weir-control weir-media bench_programs
  exec python3 tests/bench/run.py "$@"
}
