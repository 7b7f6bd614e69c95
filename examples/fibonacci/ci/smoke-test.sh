#!/bin/sh
# Asks production whether it is up, and whether it is this version that is. A service that is still starting gets
# half a minute; then, or on a wrong answer, the job fails.
set -eu

fetch() {
  curl --silent --show-error --fail --max-time 5 --retry 10 --retry-delay 3 --retry-connrefused "http://$EC2_INSTANCE$1"
}

expect() {
  answer=$(fetch "$1")
  echo "$1: $answer"
  if [ "$answer" != "$2" ]; then
    echo "$1: expected $2" >&2
    exit 1
  fi
}

expect /api/ping "{\"status\": \"ok\", \"version\": \"$IMAGE_VERSION\"}"
expect /api/fibonacci/8 '{"n": 8, "fibonacci": 21}'
