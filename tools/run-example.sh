#!/bin/sh
# Runs the pipeline of examples/fibonacci from the unit tests to the deployed service. The registry it publishes to, the
# host it deploys to and the images it names are those of the test world, which is built on this machine and taken away
# afterwards: test/README.md. Where that cannot be (no root, no engine), the jobs that need none of it run.
set -eu
cd "$(dirname "$0")/.."
missing=$(mktemp)
trap 'rm -f "$missing"' EXIT
tools/install-test-tools.sh "$missing"

if [ ! -s "$missing" ] && [ "$(id -u)" -eq 0 ]; then
  node test/world/run.ts example bin/slipway run --repository examples/fibonacci --ref main --executor docker
  exit
fi
cat >&2 <<TEXT
The whole pipeline needs a Docker engine and root, to build its images and a host to deploy to. Here is missing:
$(sed 's/^/  /' "$missing"; [ "$(id -u)" -eq 0 ] || echo '  root')
So only its jobs that test the code are run, without containers.

TEXT
bin/slipway run --repository examples/fibonacci --ref main --executor shell tests flake8 pylint mypy
