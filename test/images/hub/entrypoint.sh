#!/bin/sh
# The storage outlives the world, so that base images are put in only once; what a pipeline has pushed does not.
set -eu
find /var/lib/registry/docker/registry/v2/repositories -mindepth 1 -maxdepth 1 ! -name library -exec rm -rf {} + 2>/dev/null || true
docker-registry serve /etc/hub/seed.yml &
sed "s#TOKEN_REALM#$TOKEN_REALM#" /etc/hub/public.yml >/run/public.yml
exec docker-registry serve /run/public.yml
