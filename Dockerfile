# All programs of the platform in one image; compose.yaml names the one to run.
FROM swift:6.2-bookworm AS build
# The build takes what the distribution has: its versions are those that the tests ran with.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        binutils libhiredis-dev libopenblas-dev libpq-dev librdkafka-dev libsqlite3-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift Package.resolved ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY Scripts/build-programs Scripts/check-programs Scripts/
# As they are released: versions of Package.resolved, full RELRO, no search path, stripped; and checked.
RUN Scripts/build-programs /programs

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="recommendation-platform" \
    org.opencontainers.image.description="Trains, searches, ranks, explains and serves recommendations" \
    org.opencontainers.image.licenses="Apache-2.0"
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates curl libhiredis0.14 libopenblas0-pthread libpq5 librdkafka1 \
        libsqlite3-0 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin rec \
    && install -d -o rec -g rec /data
COPY --from=build /programs /usr/local/bin
USER 10001
WORKDIR /
VOLUME /data
# No HEALTHCHECK: most programs answer no requests. compose.yaml asks rec-serve and rec-process for /healthz.
CMD ["rec-serve", "--data", "/data", "--host", "127.0.0.1"]
