#!/usr/bin/env bash
# Runs one libFuzzer target: first the kept corpus, which must pass, then WEIR_FUZZ_SECONDS
# (default 5) of new inputs. What it finds stays in the build tree, beside the target.
#
#   run_fuzzer.sh build/asan/bin/chunk_reader_fuzz tests/fuzz/corpus/chunk_reader
set -euo pipefail

target=$1
corpus=$2
seconds=${WEIR_FUZZ_SECONDS:-5}
findings=$(dirname "$target")/../fuzz/$(basename "$target")
mkdir -p "$findings/corpus" "$findings/crashes"

limits=(-rss_limit_mb=2048 -timeout=20 "-artifact_prefix=$findings/crashes/")

if [[ -d $corpus ]] && [[ -n $(find "$corpus" -type f -print -quit) ]]; then
  "$target" "${limits[@]}" -runs=0 "$corpus"
else
  echo "run_fuzzer: $corpus holds no input; every target keeps a corpus" >&2
  exit 1
fi
if ((seconds > 0)); then
  # The first folder takes new inputs; the kept corpus is only read.
  "$target" "${limits[@]}" "-max_total_time=$seconds" -print_final_stats=1 "$findings/corpus" "$corpus"
fi
