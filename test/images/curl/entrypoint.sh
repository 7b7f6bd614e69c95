#!/bin/sh
# `docker run curlimages/curl URL` calls curl; the name of another program calls that one, as runners do with sh.
set -eu
case "${1:-}" in
  -*) set -- curl "$@" ;;
  *) command -v "${1:-}" >/dev/null || set -- curl "$@" ;;
esac
exec "$@"
