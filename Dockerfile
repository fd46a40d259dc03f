# mini-ci as an image: one binary on Debian, for `server`, `worker` and the commands around them.
#
#   docker build -t mini-ci .
#
# The stages share one Debian release, so that the binary meets the C libraries it was linked with.

ARG SWIFT_VERSION=6.3

FROM swift:${SWIFT_VERSION}-bookworm AS toolchain
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev libsqlite3-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src

FROM toolchain AS build
# The packages first: they change seldom, and this layer is kept while only the sources change.
COPY Package.swift ./
RUN swift package resolve
COPY . .
# The Swift runtime is linked in, so that the image below needs none.
RUN swift build -c release --product mini-ci --static-swift-stdlib \
    && install -D -m 0755 "$(swift build -c release --show-bin-path)/mini-ci" /out/mini-ci

FROM debian:bookworm-slim
# git and ssh fetch sources; curl asks for health; the libraries are those of the two databases; tzdata because builds
# print local times. A worker also needs what its builds need: derive an image from this one and install it there.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates curl git libpq5 libsqlite3-0 libstdc++6 openssh-client tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/mini-ci mini-ci \
    && install -d -o mini-ci -g mini-ci -m 0700 /var/lib/mini-ci/data /var/lib/mini-ci/tokens
COPY --from=build /out/mini-ci /usr/local/bin/mini-ci
COPY Scripts/bootstrap.sh /usr/local/bin/mini-ci-bootstrap

# By number, so that an orchestrator can see that it is not root.
USER 10001
WORKDIR /var/lib/mini-ci
ENV MINI_CI_DATA=/var/lib/mini-ci/data
EXPOSE 8000 8001
# What a container of this image listens on depends on its command; who runs a worker says 8001 here.
ENV HEALTH_URL=http://127.0.0.1:8000/readyz
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD curl -fsS -o /dev/null "$HEALTH_URL"
ENTRYPOINT ["mini-ci"]
CMD ["server", "--host", "0.0.0.0", "--port", "8000"]
