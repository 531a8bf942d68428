# shellcheck shell=bash
# ./weir docs: writes what the documentation takes from the programs. Sourced by ./weir.

# Each page and what prints it.
declare -A pages=(
  [docs/configuration.md]=configuration_page
  [docs/metrics.md]="python3 scripts/reference.py metrics"
  [docs/log-lines.md]="python3 scripts/reference.py lines"
  [docs/api.md]="python3 scripts/api_reference.py"
  [helm/weir/values.schema.json]="/usr/bin/python3 scripts/chart_reference.py schema"
  [helm/weir/quantities.yaml]="/usr/bin/python3 scripts/chart_reference.py quantities"
  [helm/weir/README.md]="/usr/bin/python3 scripts/chart_reference.py readme"
  [helm/weir/dashboards/weir.json]="/usr/bin/python3 scripts/dashboard.py")
# In this order: the chart's take the options from the first.
page_order=(docs/configuration.md docs/metrics.md docs/log-lines.md docs/api.md helm/weir/values.schema.json
  helm/weir/quantities.yaml helm/weir/README.md helm/weir/dashboards/weir.json)

docs_command() {
  (($# == 0)) || misused "docs takes no arguments"
  step "build release" build_preset release weir-control weir-media
  local page
  for page in "${page_order[@]}"; do
    ${pages[$page]} >"$cache/page" || die "$page could not be written"
    cp "$cache/page" "$page"
  done
  python3 scripts/reference.py check || die "a page that is written by hand is not of the sources' mind"
}

# Fails when what a page says is not what the sources declare.
check_docs() {
  local page status=0
  for page in "${page_order[@]}"; do
    ${pages[$page]} | diff -u "$page" - || {
      say "$page is not what the programs say: run ./weir docs"
      status=1
    }
  done
  python3 scripts/reference.py check || status=1
  return "$status"
}

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
