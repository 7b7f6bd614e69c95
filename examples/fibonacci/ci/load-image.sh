#!/bin/sh
# Loads image.tar.gz into this job's engine, and makes sure that it is what was built.
set -eu

docker load --quiet --input image.tar.gz
loaded=$(docker image inspect --format '{{.Id}}' "$DOCKER_IMAGE_NAME:$IMAGE_VERSION")
if [ "$loaded" != "$IMAGE_ID" ]; then
  echo "image.tar.gz holds $loaded, but $IMAGE_ID was built" >&2
  exit 1
fi
