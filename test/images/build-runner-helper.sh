#!/bin/sh
# Builds slipway-test/gitlab-runner-helper:latest, the image in which the docker executor of GitLab's runner does what is
# not the job's own: it fetches sources, carries caches and artifacts, and waits for services. It is
# slipway-test/busybox with this machine's git and bash, the libraries of both, and the helper program.
#
#   build-runner-helper.sh PROGRAM    PROGRAM: gitlab-runner-helper, linked statically
#
# An image that was built of the same program, base, git and script is kept (label dev.slipway.test.recipe).
set -eu
program=$(realpath -e "${1:?usage: build-runner-helper.sh PROGRAM}")
image=slipway-test/gitlab-runner-helper:latest
base=slipway-test/busybox:latest
"$(dirname "$0")/build-base.sh"

of_image() { docker image inspect --format "$1" "$2" 2>/dev/null || true; }

recipe=$({
  sha256sum "$0" "$program"
  of_image '{{ .Id }}' "$base"
  git --version
} | sha256sum | cut -c1-16)
outdated=$(of_image '{{ .Id }}' "$image")
[ "$(of_image '{{ index .Config.Labels "dev.slipway.test.recipe" }}' "$image")" != "$recipe" ] || exit 0

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# The base's /usr/bin is its /bin.
mkdir -p "$context/root/bin" "$context/root/usr/lib" "$context/root/usr/share"
core=$(git --exec-path)
cp -a "$core" "$context/root/usr/lib/git-core"
cp -a /usr/share/git-core "$context/root/usr/share/git-core"
cp "$(command -v git)" "$(command -v bash)" "$context/root/bin/"
cp "$program" "$context/root/bin/gitlab-runner-helper"
ldd "$(command -v git)" "$(command -v bash)" "$core/git-remote-http" | grep -o '/[^ ]*' | grep -v ':$' | sort -u |
  while read -r library; do
    mkdir -p "$context/root$(dirname "$library")"
    cp -L "$library" "$context/root$library"
  done

# What the runner starts in this image. The job may be another user, who changes and removes the same files.
printf '%s\n' '#!/bin/sh' 'umask 0' 'exec bash' >"$context/root/bin/gitlab-runner-build"
chmod 755 "$context/root/bin/gitlab-runner-build" "$context/root/bin/gitlab-runner-helper"

cat >"$context/Dockerfile" <<END
FROM $base
COPY root /
ENV GIT_EXEC_PATH=/usr/lib/git-core
LABEL dev.slipway.test.recipe=$recipe
END
DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$context" >&2
[ -z "$outdated" ] || docker rmi "$outdated" >/dev/null 2>&1 || true
