# shellcheck shell=bash
# ./weir docs: writes what the documentation takes from the programs. Sourced by ./weir.

docs_command() {
  step "build release" build_preset release weir-control weir-media
  local page
  for page in configuration metrics; do
    "${page}_page" >"$cache/$page.md" || die "docs/$page.md could not be written"
    mv "$cache/$page.md" "docs/$page.md"
  done
  check_events || die "docs/logs.md lacks events"
}

# Fails when what a page says is not what the sources declare.
check_docs() {
  local page status=0
  for page in configuration metrics; do
    "${page}_page" | diff -u "docs/$page.md" - || {
      say "docs/$page.md is not what the programs say: run ./weir docs"
      status=1
    }
  done
  check_events || status=1
  return "$status"
}

# docs/logs.md is written by hand, but names every event.
check_events() {
  local event status=0
  while IFS= read -r event; do
    grep -qF "\`$event\`" docs/logs.md || {
      say "docs/logs.md does not name the event $event"
      status=1
    }
  done < <(python3 scripts/reference.py events)
  return "$status"
}

metrics_page() { python3 scripts/reference.py metrics; }

configuration_page() {
  local program
  cat <<'TEXT'
# Configuration

Each option is a flag, an environment variable and a key of the TOML file named by `--config`; flags
win over the environment, the environment over the file, the file over the default. Durations are
written `500ms`, `10s`, `24h`; sizes `4MiB`. `--print-config` shows what is in force and from where,
`--check-config` only checks. This page is written by `./weir docs`.
TEXT
  for program in weir-control weir-media; do
    printf '\n## %s\n\n' "$program"
    "build/release/bin/$program" --print-reference || return
  done
}
