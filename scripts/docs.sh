# shellcheck shell=bash
# ./weir docs: writes what the documentation takes from the programs. Sourced by ./weir.

docs_command() {
  step "build release" build_preset release weir-control weir-media
  configuration_reference release >"$cache/configuration.md"
  mv "$cache/configuration.md" docs/configuration.md
}

# Fails when an option was added or changed and docs/configuration.md was not written anew.
check_docs() {
  configuration_reference release | diff -u docs/configuration.md - || {
    say "docs/configuration.md is not what the programs say: run ./weir docs"
    return 1
  }
}

configuration_reference() {
  local bin=build/$1/bin program
  cat <<'TEXT'
# Configuration

Each option is a flag, an environment variable and a key of the TOML file named by `--config`; flags
win over the environment, the environment over the file, the file over the default. Durations are
written `500ms`, `10s`, `24h`; sizes `4MiB`. `--print-config` shows what is in force and from where,
`--check-config` only checks. This page is written by `./weir docs`.
TEXT
  for program in weir-control weir-media; do
    printf '\n## %s\n\n' "$program"
    "$bin/$program" --print-reference || return
  done
}
