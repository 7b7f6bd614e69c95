#!/bin/sh
# Builds slipway-test/busybox:latest: one static busybox, a passwd file, and nothing else. It takes about a second,
# needs no registry, and is what the docker tests run their jobs in.
#
# An image that was built by this very script is kept (label dev.slipway.test.recipe).
set -eu

image=slipway-test/busybox:latest
recipe=$(sha256sum "$0" | cut -c1-16)

built=$(docker image inspect --format '{{ index .Config.Labels "dev.slipway.test.recipe" }}' "$image" 2>/dev/null || true)
[ "$built" != "$recipe" ] || exit 0

if ! command -v busybox >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || {
    echo "build-base.sh: needs a static busybox on PATH (Debian: apt-get install busybox-static)" >&2
    exit 1
  }
  apt-get install -y busybox-static >&2
fi

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/bin" "$root/etc" "$root/root" "$root/home/worker" "$root/tmp" "$root/usr" "$root/var/tmp"
chmod 755 "$root"
chmod 1777 "$root/tmp" "$root/var/tmp"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
ln -s ../bin "$root/usr/bin"
ln -s ../bin "$root/usr/sbin"
ln -s bin "$root/sbin"
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'worker:x:1000:1000:worker:/home/worker:/bin/sh' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'worker:x:1000:' >"$root/etc/group"

tar -C "$root" --numeric-owner --owner=0 --group=0 -c . |
  docker import \
    --change 'CMD ["sh"]' \
    --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' \
    --change "LABEL dev.slipway.test.recipe=$recipe" \
    - "$image" >&2
