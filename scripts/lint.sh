# shellcheck shell=bash
# ./weir lint and ./weir format. Sourced by ./weir.

lint_command() {
  local scope=changed
  (($# <= 1)) || misused "lint takes --all or nothing"
  case ${1:-} in
    '') ;;
    --all) scope=all ;;
    *) misused "lint takes --all or nothing" ;;
  esac
  require clang-format-19 clang-tidy-19 shellcheck cmake ninja git
  local status=0
  step "format" check_format || status=1
  step "shell scripts" check_scripts || status=1
  step "clang-tidy ($scope)" check_tidy "$scope" || status=1
  return "$status"
}

format_command() {
  (($# == 0)) || misused "format takes no arguments"
  require clang-format-19
  sources | xargs -d '\n' clang-format-19 -i
}

# Every C++ file that git knows or would add.
sources() { git ls-files --cached --others --exclude-standard -- '*.cc' '*.h' | existing; }

existing() { while IFS= read -r file; do [[ -e $file ]] && printf '%s\n' "$file"; done || true; }

check_format() { sources | xargs -d '\n' clang-format-19 --dry-run -Werror; }

check_scripts() {
  # Those in scripts/ are parts of ./weir and are checked as such.
  git ls-files --cached --others --exclude-standard -- weir .ci/run '*.sh' ':!scripts' | existing |
    xargs -d '\n' shellcheck --external-sources
}

# The lint preset compiles nothing but knows every file, and has no precompiled headers, so that
# a file that leans on another's includes is found here.
check_tidy() {
  configure lint && cmake --build build/lint -j "$cores" --target weir_proto_sources || return 1
  local known wanted
  known=$(sed -n "s|^ *\"file\": \"$root/\(.*\)\",\?$|\1|p" build/lint/compile_commands.json | sort -u)
  wanted=$(tidy_candidates "$1" | grep '\.cc$' | sort -u)
  local unbuilt
  unbuilt=$(comm -13 <(say "$known") <(say "$wanted") | grep . || true)
  if [[ -n $unbuilt ]]; then
    say "no target builds these files: $unbuilt"
    return 1
  fi
  [[ -n $wanted ]] || return 0
  # shellcheck disable=SC2016
  xargs -d '\n' -n 1 -P "$cores" bash -c 'echo "$0"; clang-tidy-19 -p build/lint --quiet "$0"' \
    <<<"$wanted" 2>&1 | { grep -v 'warnings generated\.$' || true; }
}

# All sources; or those changed, and those that include a changed header directly.
tidy_candidates() {
  if [[ $1 == all ]]; then
    sources
    return
  fi
  local file
  changed_sources | while IFS= read -r file; do
    printf '%s\n' "$file"
    if [[ $file == *.h ]]; then sources | xargs -d '\n' grep -lF "#include \"$file\"" || true; fi
  done
}

# Against WEIR_BASE, else where this branch left main, else the last commit.
changed_sources() {
  local base=${WEIR_BASE:-}
  [[ -n $base ]] || base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || true)
  if [[ -z $base || $(git rev-parse "$base") == $(git rev-parse HEAD) ]]; then
    base=$(git rev-parse --verify --quiet HEAD~1 || git hash-object -t tree /dev/null)
  fi
  {
    git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
  } | sort -u
}
