# shellcheck shell=bash
# ./weir test: every check that a change has to pass. Sourced by ./weir.

stage_lines=()
ctest_lines=()
# What each failure said, for the closing summary: a CI log has to tell the cause by its end.
failure_texts=()
passed=0
failed=0

test_command() {
  (($# <= 1)) || misused "test takes a filter, --full or nothing"
  case ${1:-} in
    '') run_stages changed 5 ;;
    --full) run_stages all 30 ;;
    -*) misused "test takes a filter, --full or nothing" ;;
    *) run_matching "$1" ;;
  esac
}

# run_stages TIDY_SCOPE SECONDS_A_FUZZER
run_stages() {
  local scope=$1 exclude=long
  export WEIR_FUZZ_SECONDS=$2
  if [[ $scope == all ]]; then
    exclude=none
    export WEIR_STORE_KILLS=50
  fi
  deps_command
  require clang++-19 clang-format-19 clang-tidy-19 lld-19 cmake ctest ninja ccache shellcheck git \
    ffmpeg gst-launch-1.0 rtmpdump mpv promtool grpcurl helm kubeconform kube-score buildah \
    mmdebstrap runc curl jq python3

  check "format" check_format || true
  check "shell scripts" check_scripts || true
  check "clang-tidy ($scope)" check_tidy "$scope" || true
  if check "build asan" build_preset asan; then
    run_ctest "asan" asan -LE "fuzz|chart|image|$exclude"
    run_ctest "fuzz, $2 s each" asan -L fuzz
  fi
  if check "build tsan" build_preset tsan threaded_tests; then
    run_ctest "tsan" tsan -L threaded -LE "$exclude"
  fi
  if check "build release" build_preset release weir-control weir-media e2e_tests; then
    check "documentation" check_docs || true
    run_ctest "chart" release -L chart
    if check "images" build_test_images; then run_ctest "images" release -L image; fi
    run_ctest "end to end on release" release -L e2e -LE "$exclude"
  fi
  summarize
}

# check NAME COMMAND…: one stage that passes or fails as a whole.
check() {
  local name=$1 start=$SECONDS status=0
  step "$@" || status=$?
  if ((status == 0)); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failure_texts+=("--- $name"$'\n'"$(what_failed)")
  fi
  record "$name" "$start" "$status"
  return "$status"
}

# What the step's log says of errors; where it names none, its end.
what_failed() {
  {
    grep -A 3 -E '(error|FAILED):' "$step_log" || tail -n 60 "$step_log"
  } | cut -c1-400 | sed -n 1,60p
}

# run_ctest NAME PRESET CTEST_OPTION…: one stage, counted test by test.
run_ctest() {
  local name=$1 preset=$2 start=$SECONDS status=0
  shift 2
  step "$name" ctest --test-dir "build/$preset" -j "$cores" --output-on-failure --no-tests=error "$@" ||
    status=$?
  record "$name" "$start" "$status"
  count_tests "$name" "$status"
  ((status == 0)) || failure_texts+=("$(python3 -B scripts/failed_tests.py "$name" "$step_log")")
}

# Reads ctest's own closing line, "97% tests passed, 1 tests failed out of 40".
count_tests() {
  local closing
  closing=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+' "$step_log" || true)
  if [[ $closing =~ ,\ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    failed=$((failed + BASH_REMATCH[1]))
    passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
    ctest_lines+=("$1: $closing")
  else
    failed=$((failed + 1))
    ctest_lines+=("$1: no test was run")
  fi
  # A failure that ctest did not count, as when it was ended.
  if (($2 != 0)) && [[ $closing == 100%* ]]; then failed=$((failed + 1)); fi
}

record() {
  local result=ok
  (($3 == 0)) || result=FAILED
  stage_lines+=("$(printf '%-28s %6s  %s' "$1" "$(clock $((SECONDS - $2)))" "$result")")
}

summarize() {
  if ((${#failure_texts[@]} > 0)); then printf '\n%s\n' "${failure_texts[@]}"; fi
  printf '\n%-28s %6s\n' "stage" "time"
  printf '%s\n' "${stage_lines[@]}"
  printf '%-28s %6s\n\n' "all" "$(clock "$SECONDS")"
  if ((${#ctest_lines[@]} > 0)); then printf '%s\n' "${ctest_lines[@]}"; fi
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

# Only the tests whose names match, built and run under AddressSanitizer. A test's name is its target's.
run_matching() {
  require clang++-19 cmake ctest ninja
  configure asan >/dev/null
  local names
  mapfile -t names < <(ctest --test-dir build/asan -N -R "$1" | sed -n 's/^ *Test *#[0-9]*: //p')
  ((${#names[@]} > 0)) || die "no test's name matches '$1'"
  step "build ${names[*]}" build_preset asan "${names[@]}"
  ctest --test-dir build/asan -j "$cores" --output-on-failure -R "$1"
}

fuzz_command() {
  if [[ ${1:-} == --coverage ]]; then
    (($# == 1)) || misused "fuzz --coverage takes nothing more"
    fuzz_coverage
    return
  fi
  local filter=${1:-.} seconds=${2:-60} names
  (($# <= 2)) && [[ $seconds =~ ^[0-9]+$ ]] || misused "fuzz takes a filter and a number of seconds"
  require clang++-19 cmake ctest ninja
  configure asan >/dev/null
  mapfile -t names < <(ctest --test-dir build/asan -N -L fuzz -R "$filter" | sed -n 's/^ *Test *#[0-9]*: //p')
  ((${#names[@]} > 0)) || die "no fuzzer's name matches '$filter'"
  step "build ${#names[@]} fuzzers" build_preset asan "${names[@]}"
  WEIR_FUZZ_SECONDS=$seconds ctest --test-dir build/asan -j "$cores" --output-on-failure -L fuzz -R "$filter"
}

# What the kept seeds reach, into tests/fuzz/README.md.
fuzz_coverage() {
  require clang++-19 cmake ninja llvm-cov-19 llvm-profdata-19 python3
  local names
  configure coverage >/dev/null
  mapfile -t names < <(ctest --test-dir build/coverage -N -L fuzz | sed -n 's/^ *Test *#[0-9]*: //p')
  step "build ${#names[@]} fuzzers" build_preset coverage "${names[@]}"
  python3 -B tests/fuzz/coverage.py build/coverage/bin
}
