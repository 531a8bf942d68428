# shellcheck shell=bash
# ./weir sim: control in virtual time, with everything going wrong. Sourced by ./weir.

# sim_command [OPTION…]: the options of weir-sim; without any, 5,000 sessions for a minute.
sim_command() {
  require cmake ninja
  step "build release" build_preset release weir-sim
  (($# > 0)) || set -- --users 4500 --seconds 60
  exec build/release/bin/weir-sim "$@"
}
