#!/bin/sh
# Runs a command with a good Node.js and the checkout's npm packages first on PATH, fetching either when missing.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
. "$root/tools/node.sh"
use_node
use_packages
PATH=$root/node_modules/.bin:$PATH exec "$@"
