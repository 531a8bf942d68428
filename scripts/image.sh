# shellcheck shell=bash
# ./weir image: the images weir/control and weir/media. Sourced by ./weir.

image_targets=(control media)
# What image_root.py works with.
image_base_packages=(python3 binutils ca-certificates)

# image_command [TAG]: with docker where a daemon answers, else with buildah.
image_command() {
  (($# <= 1)) || misused "image takes one tag"
  local builder=build_with_buildah
  # The client alone builds nothing.
  if docker version >/dev/null 2>&1; then builder=build_with_docker; fi
  build_images "$builder" "${1:-$(project_version)}"
}

# build_images BUILDER TAG
build_images() {
  local version epoch arguments
  version=$(project_version)
  epoch=$(git log -1 --format=%ct 2>/dev/null || say 0)
  arguments=(--build-arg "VERSION=$version" --build-arg "REVISION=$(revision)"
    --build-arg "SOURCE_DATE_EPOCH=$epoch")
  "$1" "$2" "$epoch" "${arguments[@]}"
}

# For the tests: made with buildah and unpacked into build/images.
build_test_images() {
  build_images build_with_buildah test && unpack_images test build/images
}

project_version() { sed -n 's/^project(weir VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

revision() { git describe --always --dirty --abbrev=40 2>/dev/null || say unknown; }

# build_with_docker TAG EPOCH BUILD_ARGUMENT…: by BuildKit, which makes only the stages that it needs.
build_with_docker() {
  local tag=$1 target
  shift 2
  for target in "${image_targets[@]}"; do
    DOCKER_BUILDKIT=1 step "image weir/$target:$tag" \
      docker build --target "$target" --tag "weir/$target:$tag" "$@" . ||
      die "weir/$target could not be built"
    say "weir/$target:$tag  $(docker image inspect --format '{{.Size}}' "weir/$target:$tag" | mebibytes)"
  done
}

# build_with_buildah TAG EPOCH BUILD_ARGUMENT…: no registry is asked. The base is made from Debian's
# packages, and the programs are those of the checkout, built on the same Debian.
build_with_buildah() {
  local tag=$1 epoch=$2 target packages base
  shift 2
  require buildah mmdebstrap ldd dpkg-query jq
  step "build release" build_preset release weir-control weir-media || die "the build failed"
  packages=$(image_base_contents | paste -sd ,)
  # Named after what it is made of, so that a change makes a new one.
  base=localhost/weir-base:$(cksum <<<"$packages" | cut -d ' ' -f 1)
  step "base of the images" make_image_base "$base" "$packages" || die "the base could not be made"
  for target in "${image_targets[@]}"; do
    step "image weir/$target:$tag" in_image_store bud --isolation chroot --pull-never \
      --format docker --target "$target" --tag "weir/$target:$tag" --timestamp "$epoch" \
      --build-arg BASE="$base" --build-arg PROGRAMS=checkout "$@" . ||
      die "weir/$target could not be built"
    say "weir/$target:$tag  $(in_image_store images --format '{{.Size}}' "weir/$target:$tag")"
  done
  # What these tags named before.
  in_image_store rmi --prune >/dev/null
  say "to push one: buildah --root $cache/images push weir/control:$tag docker://YOUR-REGISTRY/weir/control:$tag"
}

# buildah on a store of the checkout's own.
in_image_store() {
  as_root buildah --root "$cache/images" --runroot "$cache/images-run" --storage-driver "$(image_driver)" "$@"
}

# unpack_images TAG FOLDER: each image's root and configuration as files, for a runtime or a test.
unpack_images() {
  local tag=$1 folder=$2 target container mounted
  as_root rm -rf "$folder"
  for target in "${image_targets[@]}"; do
    mkdir -p "$folder/$target"
    in_image_store inspect --type image "weir/$target:$tag" | jq .Docker.config \
      >"$folder/$target/config.json" || return
    container=$(in_image_store from --pull-never "weir/$target:$tag") &&
      mounted=$(in_image_store mount "$container") &&
      as_root cp -a "$mounted" "$folder/$target/root" &&
      in_image_store rm "$container" >/dev/null || return
  done
}

# Where an overlay cannot be mounted, every layer is a copy of all below it.
image_driver() {
  mkdir -p "$cache/overlay"/{lower,upper,work,merged}
  if as_root unshare --mount mount -t overlay overlay "$cache/overlay/merged" -o \
    "lowerdir=$cache/overlay/lower,upperdir=$cache/overlay/upper,workdir=$cache/overlay/work" 2>/dev/null
  then say overlay; else say vfs; fi
}

mebibytes() { awk '{ printf "%.1f MiB\n", $1 / 1048576 }'; }

# The base's packages: what image_root.py works with, and the libraries that both programs load.
image_base_contents() {
  printf '%s\n' "${image_base_packages[@]}"
  # dpkg knows some libraries by their path from before /usr was merged.
  ldd build/release/bin/weir-{control,media} | grep -o '/[^ ]*\.so[^ ]*' | xargs readlink -f |
    sed 'p; s|^/usr||' | sort -u | { xargs dpkg -S 2>/dev/null || true; } | cut -d : -f 1 | sort -u
}

# make_image_base NAME PACKAGES, which are separated by commas.
make_image_base() {
  local container
  if in_image_store inspect --type image "$1" >/dev/null 2>&1; then return; fi
  as_root mmdebstrap --variant=minbase --include="$2" bookworm "$cache/base.tar" || return
  container=$(in_image_store from scratch) &&
    in_image_store add --quiet "$container" "$cache/base.tar" / &&
    in_image_store commit --quiet --rm "$container" "$1" || return
  as_root rm "$cache/base.tar"
}
