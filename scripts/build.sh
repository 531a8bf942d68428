# shellcheck shell=bash
# ./weir build. Sourced by ./weir.

presets=(release asan tsan coverage)

build_command() {
  local preset=${1:-release}
  (($# <= 1)) || misused "build takes one preset"
  [[ " ${presets[*]} " == *" $preset "* ]] || misused "unknown preset '$preset'; there are: ${presets[*]}"
  require cmake ninja clang++-19
  step "build $preset" build_preset "$preset"
  say "programs are in build/$preset/bin"
}

# build_preset PRESET [TARGET…]
build_preset() {
  local preset=$1
  shift
  configure "$preset" && cmake --build "build/$preset" -j "$cores" --target "${@:-all}"
}

configure() {
  [[ -e build/$1/build.ninja ]] || cmake --preset "$1"
}
