# shellcheck shell=bash
# ./weir deps: installs what is missing and starts nothing. Sourced by ./weir.

toolchain_packages=(
  clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev lld-19 llvm-19
  cmake ninja-build ccache pkg-config git shellcheck)
library_packages=(
  libboost1.81-dev libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc
  libprotobuf-dev prometheus-cpp-dev libcurl4-openssl-dev libcivetweb-dev libfmt-dev
  libcli11-dev nlohmann-json3-dev libsqlite3-dev libssl-dev zlib1g-dev libgtest-dev libgmock-dev
  libbenchmark-dev libtomlplusplus-dev libjemalloc-dev)
# Real clients and servers that the tests and benchmarks run; promtool is part of prometheus.
peer_packages=(
  ffmpeg gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav rtmpdump mpv
  prometheus haproxy nginx-light libnginx-mod-rtmp curl jq procps iproute2 util-linux ca-certificates
  python3 python3-yaml)
# What makes images where there is no docker, and runs them in the tests.
image_packages=(buildah mmdebstrap runc)
# Among them, what would start as a service; only its programs are wanted.
unwanted_services=(haproxy nginx prometheus)

# Go tools and the versions that are built where none is on PATH.
grpcurl_module=github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
# Those that check the chart.
declare -A chart_tools=(
  [helm]=helm.sh/helm/v3/cmd/helm@v3.22.0
  [kubeconform]=github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
  [kube-score]=github.com/zegl/kube-score/cmd/kube-score@v1.20.0)
# Where kubeconform's schemas are made from: the OpenAPI document of the oldest Kubernetes that the
# chart supports, and the custom resource definitions of the Prometheus operator.
kubernetes_module=k8s.io/kubernetes@v1.29.15
operator_module=github.com/prometheus-operator/prometheus-operator@v0.85.0
# A Go before 1.21 cannot fetch a newer one by itself, so the module is asked for by name.
go_minimum=1.26
go_toolchain=go1.27.3

deps_command() {
  [[ $# == 0 ]] || misused "deps takes no arguments"
  install_for_running
  local tool
  for tool in "${!chart_tools[@]}"; do install_go_tool "$tool" "${chart_tools[$tool]}"; done
  if [[ ! -e $cache/schemas/.made-from-$(schema_sources) ]]; then
    step "make Kubernetes' schemas" make_schemas || die "the schemas for kubeconform could not be made"
  fi
}

# What ./weir run and ./weir demo need.
install_for_running() {
  install_debian_packages
  install_go_tool grpcurl "$grpcurl_module"
}

install_debian_packages() {
  command -v dpkg-query >/dev/null || die "packages are installed on Debian 12 only"
  local wanted=("${toolchain_packages[@]}" "${library_packages[@]}" "${peer_packages[@]}" "${image_packages[@]}")
  local missing
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]} == 0)) && return
  ask_for_root
  step "install ${#missing[@]} Debian packages" apt_install "${missing[@]}" ||
    die "the packages could not be installed: ${missing[*]}"
  ccache --max-size 5G >/dev/null
}

missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  for package in "$@"; do
    grep -qx -- "$package" <<<"$installed" || say "$package"
  done
}

as_root() { if ((EUID == 0)); then "$@"; else sudo --non-interactive "$@"; fi; }

# Asks for the password while the terminal is still ours.
ask_for_root() {
  ((EUID == 0)) && return
  command -v sudo >/dev/null || die "installing packages needs root or sudo"
  sudo --validate || die "installing packages needs root"
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return
  keep_services_off || return
  # Nothing of the user's is removed to make room.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    --no-remove -o Dpkg::Use-Pty=0 "$@" || return
  local service
  for service in "${unwanted_services[@]}"; do
    if [[ " $* " == *" $service"* ]]; then disable_service "$service"; fi
  done
}

# Debian asks policy-rc.d before a package starts its service; 101 means no.
service_policy=/usr/sbin/policy-rc.d
keep_services_off() {
  [[ -e $service_policy ]] && return
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$service_policy" >/dev/null
  as_root chmod 755 "$service_policy"
  trap 'as_root rm -f "$service_policy"' EXIT
}

disable_service() {
  if command -v systemctl >/dev/null; then
    as_root systemctl disable "$1" || true
  else
    as_root update-rc.d "$1" disable || true
  fi
}

# install_go_tool NAME MODULE@VERSION: the one on PATH, else built into the project's cache.
install_go_tool() {
  local name=$1 module=$2
  command -v "$name" >/dev/null && return
  step "build $name" build_go_tool "$module" || die "$name could not be built"
}

build_go_tool() {
  local go
  go=$(usable_go) || return
  GOBIN=$cache/bin GOTOOLCHAIN=local GOFLAGS='' "$go" install "$1"
}

schema_sources() { cat scripts/kubernetes_schemas.py - <<<"$kubernetes_module $operator_module" | cksum | tr ' ' -; }

make_schemas() {
  local kubernetes operator
  kubernetes=$(module_folder "$kubernetes_module") && operator=$(module_folder "$operator_module") || return
  rm -rf "$cache/schemas"
  /usr/bin/python3 scripts/kubernetes_schemas.py "$kubernetes" "$operator" "$cache/schemas" || return
  touch "$cache/schemas/.made-from-$(schema_sources)"
}

# download_module GO MODULE@VERSION: prints where its files are; on failure, to stderr, why not.
download_module() {
  local answer
  answer=$(cd "$cache" && GOTOOLCHAIN=local GOFLAGS='' "$1" mod download -json "$2") || {
    say "$answer" >&2
    return 1
  }
  jq --raw-output .Dir <<<"$answer"
}

# Prints where a module's files are, fetched if need be.
module_folder() {
  local go
  go=$(usable_go) || return
  download_module "$go" "$1"
}

# Prints the path of a new enough Go.
usable_go() {
  local go
  go=$(PATH=$cache/go/bin:$PATH command -v go || true)
  if [[ -z $go ]] || ! new_enough "$go"; then go=$(fetch_go) || return; fi
  say "$go"
}

new_enough() {
  local version
  version=$("$1" env GOVERSION)
  printf '%s\n' "$go_minimum" "${version#go}" | sort --version-sort --check=quiet
}

# Prints the path of a new enough Go, fetched by an older one as a module.
fetch_go() {
  local go platform home
  if ! command -v go >/dev/null; then apt_install golang-go >&2 || return; fi
  go=$(command -v go)
  platform=$("$go" env GOOS)-$("$go" env GOARCH)
  home=$(download_module "$go" "golang.org/toolchain@v0.0.1-$go_toolchain.$platform") || return
  # A module carries no execute bits, and its folder is read-only: use a copy.
  mkdir -p "$cache/go" && cp -r --no-preserve=mode "$home/." "$cache/go" || return
  chmod +x "$cache"/go/bin/* "$cache"/go/pkg/tool/*/*
  say "$cache/go/bin/go"
}
