#!/bin/sh
# Prints the semantic version (https://semver.org) of this commit: that of its release tag, and otherwise the one that
# is being worked on, from the file VERSION, as a pre-release that names the commit.
set -eu

if [ -z "${CI_COMMIT_TAG:-}" ]; then
  # The g, as in `git describe`: digits alone would be a number, which must not begin with 0.
  echo "$(cat VERSION)-dev.g$CI_COMMIT_SHORT_SHA"
elif echo "$CI_COMMIT_TAG" | grep -Eq '^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$'; then
  echo "${CI_COMMIT_TAG#v}"
else
  echo "the tag $CI_COMMIT_TAG is no version: expected one like v1.2.3" >&2
  exit 1
fi
