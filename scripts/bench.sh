# shellcheck shell=bash
# ./weir bench. Sourced by ./weir.

bench_command() {
  die "nothing is measured yet"
}
