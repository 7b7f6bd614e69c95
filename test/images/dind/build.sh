#!/bin/sh
# Builds stand-ins for docker:latest (client) and docker:dind (engine in a privileged container) out of Debian, for
# tests on machines that no image registry can be reached from. About a minute the first time; afterwards the images
# are kept for as long as the files of this folder do not change (label dev.slipway.test.recipe).
#
# An image docker:latest or docker:dind without that label is the real thing, and is left alone.
set -eu
cd "$(dirname "$0")"

suite=bookworm
recipe=$(cat build.sh Dockerfile client-entrypoint.sh engine-entrypoint.sh | sha256sum | cut -c1-16)

is_current() {
  label=$(docker image inspect --format '{{ index .Config.Labels "dev.slipway.test.recipe" }}' "$1" 2>/dev/null) || return 1
  [ "$label" = "$recipe" ] || [ -z "$label" ]
}

if is_current docker:latest && is_current docker:dind; then
  exit 0
fi

command -v mmdebstrap >/dev/null || {
  echo "dind/build.sh: needs mmdebstrap (Debian: apt-get install mmdebstrap)" >&2
  exit 1
}

mmdebstrap --variant=minbase --include=docker.io,openssl,ca-certificates \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' "$suite" - |
  docker import --change 'CMD ["sh"]' - slipway-test/docker-root >&2

DOCKER_BUILDKIT=0 docker build --quiet --label "dev.slipway.test.recipe=$recipe" --target client --tag docker:latest . >&2
DOCKER_BUILDKIT=0 docker build --quiet --label "dev.slipway.test.recipe=$recipe" --target engine --tag docker:dind . >&2
