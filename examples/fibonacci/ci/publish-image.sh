#!/bin/sh
# Pushes the tested image, not one like it, and writes its digest in the registry to publish.env. DOCKER_HUB_TOKEN is
# the path of a file (a variable of type "File"), so the token is neither in an argument nor in the environment.
set -eu

image=$DOCKER_IMAGE_NAME:$IMAGE_VERSION
ci/load-image.sh
docker login --username "$DOCKER_HUB_USER" --password-stdin <"$DOCKER_HUB_TOKEN"
docker push "$image"
if [ -n "${CI_COMMIT_TAG:-}" ]; then
  docker tag "$image" "$DOCKER_IMAGE_NAME:latest"
  docker push "$DOCKER_IMAGE_NAME:latest"
fi

echo "IMAGE_REFERENCE=$(docker image inspect --format '{{index .RepoDigests 0}}' "$image")" >publish.env
cat publish.env
docker logout
