#!/bin/sh
# Makes sure that what the end-to-end tests use is there: Debian packages and a running Docker engine. Installs only
# what is missing, only on Debian and its kin, and only as root or with sudo that asks for no password.
#
# What cannot be had is said on stderr and, one line each as "tool: why", written to the file named by $1; the tests
# that need it skip themselves, and the closing summary of `make test` names them.
set -eu
missing=${1:?usage: install-test-tools.sh FILE_FOR_WHAT_IS_MISSING}
: >"$missing"

# command that must exist, and the Debian package that has it
tools='
git git
bash bash
docker docker.io
dockerd docker.io
iptables iptables
mmdebstrap mmdebstrap
busybox busybox-static
docker-registry docker-registry
openssl openssl
ssh openssh-client
ssh-keygen openssh-client
unshare util-linux
psql postgresql
faketime faketime
script bsdutils
hugo hugo
wget wget
/usr/bin/python3 python3
'

say() { printf 'test tools: %s\n' "$1" >&2; }
lacks() {
  say "MISSING $1: $2"
  printf '%s: %s\n' "$1" "$2" >>"$missing"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_be_root() {
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# The system's folders of programs are not on everybody's PATH.
PATH=$PATH:/usr/sbin:/sbin
has() { command -v "$1" >/dev/null 2>&1; }
# Of the system's own Python, which is the one that jobs have: their sandbox hides what is in a home folder.
has_venv() { /usr/bin/python3 -c 'import venv, ensurepip' 2>/dev/null; }
has_pip() { /usr/bin/python3 -m pip --version >/dev/null 2>&1; }

wanted() {
  printf '%s\n' "$tools" | while read -r command package; do
    [ -z "$command" ] || has "$command" || printf '%s\n' "$package"
  done
  has_venv || printf 'python3-venv\n'
  has_pip || printf 'python3-pip\n'
}

install_packages() {
  packages=$(wanted | sort -u | tr '\n' ' ')
  [ -n "$packages" ] || return 0
  if ! has apt-get; then why='this is no Debian, install it yourself'
  elif ! may_be_root; then why='not root, and sudo asks for a password'
  else
    say "installing $packages"
    why='apt-get could not install it (see above)'
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || say 'apt-get update failed, trying on'
    # One by one when not all together: one that cannot be had must not keep out the others.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2 ||
      for package in $packages; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2 || true
      done
  fi
  for package in $(wanted | sort -u); do lacks "$package" "$why"; done
}

engine_answers() { docker version >/dev/null 2>&1; }

start_engine() {
  has docker || return 0
  engine_answers && return 0
  if ! has dockerd; then lacks 'docker engine' 'dockerd is not installed'; return 0; fi
  if ! may_be_root; then lacks 'docker engine' 'it does not answer, and only root may start it'; return 0; fi
  log=/var/log/slipway-test-dockerd.log
  say "no Docker engine answers: starting dockerd, its log is $log"
  as_root sh -c "setsid dockerd >$log 2>&1 </dev/null &"
  seconds=0
  until engine_answers; do
    seconds=$((seconds + 1))
    if [ "$seconds" -gt 60 ]; then
      lacks 'docker engine' "dockerd did not answer within a minute, its last words: $(as_root tail -n 1 "$log")"
      return 0
    fi
    sleep 1
  done
}

install_packages
start_engine
