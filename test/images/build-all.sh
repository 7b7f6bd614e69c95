#!/bin/sh
# Builds every stand-in image that the end-to-end tests use, under the names of the real ones, out of Debian's packages.
# A minute or two the first time; afterwards well under a second, for as long as nothing they are made of changes: an
# image is slipway-test/FOLDER:RECIPE, and the recipe is a hash of the folder, of the parent's recipe and of what comes
# from this machine. What comes from it is what a container needs to reach the package registries as the machine does:
# extra certificates, pip's settings, proxies, name servers.
#
#   build-all.sh STATE HUB    STATE: the world's folder, which keeps the authority of the hub's certificates
#                             HUB: the address where the world's Docker Hub is going to listen
#
# Prints the images of the world's own parts, "hub NAME" and "host NAME". A real image of one of the names is never
# replaced: the script says so and fails.
set -eu
usage='usage: build-all.sh STATE HUB'
state=$(realpath -m "${1:?"$usage"}")
hub=${2:?"$usage"}
cd "$(dirname "$0")"

export DOCKER_BUILDKIT=0
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

main() {
  make_authority
  collect_machine "$temporary/machine"
  collect_hub "$temporary/hub"
  list_images

  engines &
  engines=$!
  image debian debian-root "$temporary/machine"
  debian=$made
  image python "$debian"
  names python:3.7 python:3.11 python:3.11-alpine
  image ansible "$made"
  names gableroux/ansible:2.7.10 willhallonline/ansible:2.16-alpine
  image curl "$debian"
  names curlimages/curl:latest curlimages/curl:8.10.1
  image hub "$debian"
  echo "hub $made"
  wait "$engines"
  remove_outdated
}

# docker:latest and docker:dind are made by dind/build.sh; the engines of the world are docker:dind and a layer.
engines() {
  dind/build.sh
  list_images
  plain=slipway-test/plain-engine:$(digest dind)
  case $(names_of "$(id_of docker:dind)") in
    *slipway-test/engine:*) ;;
    *) docker tag docker:dind "$plain" ;;
  esac
  echo "$plain" >>"$temporary/current"
  image engine "$plain" "$temporary/hub"
  names docker:dind docker:27-dind
  image host "$made"
  echo "host $made"
  made=docker:latest
  names docker:27
}

# image FOLDER BASE [MACHINE]: sets made to slipway-test/FOLDER:RECIPE, and builds that where it is missing. BASE is what
# it starts from, whose name has the recipe of that; the folder MACHINE is what the Dockerfile sees as machine/.
image() {
  recipe=$(printf '%s %s' "$2" "$(digest build-all.sh "$1" ${3:+"$3"})" | sha256sum | cut -c1-16)
  made=slipway-test/$1:$recipe
  echo "$made" >>"$temporary/current"
  [ -z "$(id_of "$made")" ] || return 0

  echo "building $made" >&2
  base=$2
  if [ "$base" = debian-root ]; then
    base=slipway-test/debian-root:$recipe
    debian_root "$base"
  fi
  context=$temporary/$1.context
  cp -r "$1" "$context"
  [ $# -lt 3 ] || cp -r "$3" "$context/machine"
  docker build --quiet --tag "$made" --build-arg "BASE=$base" --build-arg "http_proxy=${http_proxy:-}" \
    --build-arg "https_proxy=${https_proxy:-}" --build-arg "no_proxy=${no_proxy:-}" "$context" >"$context.log" 2>&1 || {
    cat "$context.log" >&2
    return 1
  }
}

debian_root() {
  mmdebstrap --quiet --variant=minbase --include=ca-certificates --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm - |
    docker import - "$1" >/dev/null
}

# Gives the image that was made last these names, too.
names() {
  list_images
  id=$(id_of "$made")
  for name in "$@"; do
    present=$(id_of "$name")
    [ "$present" != "$id" ] || continue
    if [ -n "$present" ] && ! is_ours "$present"; then
      echo "build-all.sh: $name is here already, and is not a stand-in; remove it (docker rmi $name) to run these tests" >&2
      exit 1
    fi
    docker tag "$made" "$name"
  done
}

# Takes away what was built from recipes that are no longer so; images that something still uses stay.
remove_outdated() {
  list_images
  printf '%s\n' "$images" | awk '{ print $1 }' |
    grep -E '^slipway-test/(debian|debian-root|python|ansible|curl|hub|engine|host|plain-engine):' |
    grep -vxF -f "$temporary/current" | grep -v "^slipway-test/debian-root:${debian##*:}\$" |
    xargs -r docker rmi >/dev/null 2>&1 || true
}

is_ours() {
  case $(names_of "$1") in
    *slipway-test/*) return 0 ;;
    *) [ -n "$(docker image inspect --format '{{ index .Config.Labels "dev.slipway.test.recipe" }}' "$1")" ] ;;
  esac
}

# The images of the engine, "NAME ID" a line. Each of the two builds that run at once has a list of its own.
list_images() { images=$(docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}'); }
id_of() { printf '%s\n' "$images" | awk -v name="$1" '$1 == name { print $2 }'; }
names_of() { printf '%s\n' "$images" | awk -v id="$1" '$2 == id { print $1 }'; }

# A hash of the names and the contents of files and folders.
digest() {
  find "$@" -type f | LC_ALL=C sort | xargs sha256sum | sed "s#$temporary##" | sha256sum | cut -c1-16
}

# The authority that the hub's certificate is signed with, made once: the engines' images trust it.
make_authority() {
  [ ! -s "$state/authority.crt" ] || return 0
  mkdir -p "$state"
  (
    umask 077
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Slipway test world' \
      -keyout "$state/authority.key" -out "$temporary/authority.crt" 2>/dev/null
  )
  mv "$temporary/authority.crt" "$state/authority.crt"
}

# What a container needs on this machine, as files to be laid over the image.
collect_machine() {
  mkdir -p "$1/etc" "$1/usr/local/share/ca-certificates"
  find -L /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$1/usr/local/share/ca-certificates/" \;
  [ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$1/etc/pip.conf"
}

# What an engine needs on top: the hub's names, its authority, and name servers for its containers.
collect_hub() {
  collect_machine "$1"
  cp "$state/authority.crt" "$1/usr/local/share/ca-certificates/slipway-test-world.crt"
  mkdir -p "$1/etc/docker"
  echo "$hub registry-1.docker.io index.docker.io auth.docker.io" >"$1/etc/docker/hub-hosts"
  awk '$1 == "nameserver" && $2 !~ /^127\.|:/ { printf "%s\"%s\"", separator, $2; separator = ", " }' /etc/resolv.conf |
    sed 's/.*/{ "dns": [&] }/' >"$1/etc/docker/daemon.json"
  [ -s "$1/etc/docker/daemon.json" ] || echo '{}' >"$1/etc/docker/daemon.json"
}

main
