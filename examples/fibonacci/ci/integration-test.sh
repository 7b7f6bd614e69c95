#!/bin/sh
# Starts the image as production does, and calls its API. Fails when the container dies, an address or a status is
# wrong, or a number is.
set -eu

container=integration-test
ci/load-image.sh
docker run --detach --name "$container" "$DOCKER_IMAGE_NAME:$IMAGE_VERSION"

# The image under test already has what it takes to call the API: nothing is installed into it.
if ! docker exec --interactive "$container" python3 - http://localhost "$IMAGE_VERSION" <ci/check_api.py; then
  echo "the container's log:" >&2
  docker logs "$container" >&2
  exit 1
fi
docker stop "$container"
