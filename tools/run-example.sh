#!/bin/sh
# Starts a server with a runner and pushes examples/fibonacci to it, whose pipeline goes from the unit tests to the
# deployed service. The registry it publishes to, the host it deploys to and the images it names are those of the test
# world, which is built on this machine and taken away afterwards: test/README.md. Where that cannot be (no root, no
# engine), the jobs run without containers.
set -eu
cd "$(dirname "$0")/.."
if node -e "require('node:net').connect(${PORT:-8800}, '127.0.0.1', () => process.exit(1)).on('error', () => process.exit(0))"; then :; else
  echo "make run: something listens at port ${PORT:-8800} already. PORT=8899 make run takes another one." >&2
  exit 1
fi
missing=$(mktemp)
trap 'rm -f "$missing"' EXIT
tools/install-test-tools.sh "$missing"

if [ ! -s "$missing" ] && [ "$(id -u)" -eq 0 ]; then
  rm -f "$missing"
  exec node test/world/run.ts example node tools/run-example.ts
fi
cat >&2 <<TEXT
The whole pipeline needs a Docker engine and root, to build its images and a host to deploy to. Here is missing:
$(sed 's/^/  /' "$missing"; [ "$(id -u)" -eq 0 ] || echo '  root')
So its jobs run without containers, and those that need them fail.

TEXT
rm -f "$missing"
exec node tools/run-example.ts
