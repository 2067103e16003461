# syntax=docker/dockerfile:1
#
#   docker build -t heartstrings .
#   docker run -p 127.0.0.1:8080:8080 -v heartstrings:/var/lib/heartstrings \
#       -e HEARTSTRINGS_ALLOW_ANONYMOUS=true heartstrings

# Build. `make build` fetches libtorch and the crates from their registries, and builds with jemalloc and
# traces.
FROM rust:1.95-slim-bookworm AS build
# Debian keeps only the newest of a package, so a pinned version would soon not be found.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# libtorch is large and changes rarely, so it gets its own layer.
COPY Makefile ./
COPY scripts scripts
RUN make setup
COPY . .
RUN make build

# Run. The image needs no network.
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Heartstrings" \
      org.opencontainers.image.description="Post reviews over HTTP, get back how they feel." \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# libtorch is C++.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /var/lib/heartstrings --create-home heartstrings
COPY --from=build /src/third_party/libtorch/lib /usr/local/lib/heartstrings
COPY --from=build /src/target/release/heartstrings /usr/local/bin/heartstrings
COPY models /usr/local/share/heartstrings/models
# A number, so that an orchestrator can tell that it is not root.
USER 10001
WORKDIR /var/lib/heartstrings
VOLUME /var/lib/heartstrings
# Other machines can reach a container, and a new service has no keys. So it refuses to start here until
# there is a key, or HEARTSTRINGS_ALLOW_ANONYMOUS=true lets everyone read and write.
ENV HEARTSTRINGS_LISTEN=0.0.0.0:8080 \
    HEARTSTRINGS_STORE=sled:/var/lib/heartstrings/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["heartstrings", "health"]
ENTRYPOINT ["heartstrings"]
CMD ["serve"]
