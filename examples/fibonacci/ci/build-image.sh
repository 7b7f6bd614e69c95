#!/bin/sh
# Builds the image and writes it to image.tar.gz; build.env tells later jobs its version and its id, which is the
# digest of its content.
set -eu

version=$(ci/version.sh)
docker build --build-arg "VERSION=$version" --tag "$DOCKER_IMAGE_NAME:$version" .
docker save "$DOCKER_IMAGE_NAME:$version" | gzip -1 >image.tar.gz

cat >build.env <<END
IMAGE_VERSION=$version
IMAGE_ID=$(docker image inspect --format '{{.Id}}' "$DOCKER_IMAGE_NAME:$version")
END
cat build.env
