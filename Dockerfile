# Both images from one build: `--target control` and `--target media`; ./weir image makes them, with
# docker or, where no registry can be reached, with buildah on a base of its own.

# A Debian 12. The build stage adds the toolchain to it.
ARG BASE=debian:12
# Where the programs come from: `build` compiles and tests them here; `checkout` takes build/release
# of the checkout, which was built on a Debian 12 of its own.
ARG PROGRAMS=build

FROM ${BASE} AS build
WORKDIR /src
# First, so that a change of the sources installs nothing anew.
COPY scripts/console.sh scripts/deps.sh scripts/
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 \
    && bash -c 'source scripts/console.sh && source scripts/deps.sh \
       && apt_install "${toolchain_packages[@]}" "${library_packages[@]}"'
COPY . .
# All tests but those of what a build has not: other programs, and IPv6.
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release && cmake --build build/release \
    && GTEST_FILTER='-*IPv6*:*Promtool*' ctest --test-dir build/release --output-on-failure -LE 'docs|e2e|fuzz|chart|image|long'

FROM ${BASE} AS checkout
WORKDIR /src
COPY build/release/bin/weir-control build/release/bin/weir-media build/release/bin/
COPY scripts/image_root.py scripts/
COPY LICENSE .

# What goes into the images: a program, the libraries it loads, and nothing to run but that.
FROM ${PROGRAMS} AS roots
ARG VERSION=0.0.0
# Every file gets this time, so that the same sources make the same image.
ARG SOURCE_DATE_EPOCH=0
RUN python3 scripts/image_root.py weir-control "${VERSION}" "${SOURCE_DATE_EPOCH}" /roots/control \
    && python3 scripts/image_root.py weir-media "${VERSION}" "${SOURCE_DATE_EPOCH}" /roots/media \
    && mkdir -p /roots/state/weir

FROM scratch AS control
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="weir-control" \
      org.opencontainers.image.description="Admits, renews and ends the sessions of live streams" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=roots /roots/control /
# Where the store is; a volume that is mounted there takes the owner over.
COPY --from=roots --chown=10001:10001 /roots/state /var/lib
ENV WEIR_METRICS_LISTEN=0.0.0.0:9090 WEIR_STORE_PATH=/var/lib/weir/weir-control.db
USER 10001:10001
EXPOSE 7070 9090
HEALTHCHECK --interval=10s --timeout=5s CMD ["/usr/bin/weir-control", "--healthcheck"]
ENTRYPOINT ["/usr/bin/weir-control"]

FROM scratch AS media
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="weir-media" \
      org.opencontainers.image.description="RTMP ingest and play, each stream admitted by weir-control" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=roots /roots/media /
ENV WEIR_METRICS_LISTEN=0.0.0.0:9090
USER 10001:10001
EXPOSE 1935 9090
HEALTHCHECK --interval=10s --timeout=5s CMD ["/usr/bin/weir-media", "--healthcheck"]
ENTRYPOINT ["/usr/bin/weir-media"]
