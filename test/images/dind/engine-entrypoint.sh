#!/bin/sh
# Starts an engine inside a privileged container, reachable over TCP: with TLS on 2376 and the client's certificates in
# $DOCKER_TLS_CERTDIR/client when that variable is set, on 2375 without TLS when it is empty.
set -eu

case "${1:-}" in
  '' | -*) set -- dockerd "$@" ;;
  dockerd) ;;
  *) exec "$@" ;;
esac

make_certificates() {
  directory=$1
  mkdir -p "$directory/ca" "$directory/server" "$directory/client"
  [ ! -s "$directory/client/cert.pem" ] || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=slipway test CA' \
    -keyout "$directory/ca/key.pem" -out "$directory/ca/cert.pem" 2>/dev/null
  issue "$directory" server serverAuth "DNS:docker,DNS:localhost,DNS:$(hostname),IP:127.0.0.1"
  issue "$directory" client clientAuth DNS:client
}

issue() {
  key=$1/$2/key.pem
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
    -keyout "$key" -out "$1/$2/csr.pem" 2>/dev/null
  printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4" >"$1/$2/extensions"
  openssl x509 -req -in "$1/$2/csr.pem" -days 3650 -CA "$1/ca/cert.pem" -CAkey "$1/ca/key.pem" -CAcreateserial \
    -extfile "$1/$2/extensions" -out "$1/$2/cert.pem" 2>/dev/null
  cp "$1/ca/cert.pem" "$1/$2/ca.pem"
  chmod 644 "$key"
}

# A container that was stopped and started again still has the files of its last engine.
rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid

# Without /sys/fs/cgroup/cgroup.subtree_control this is cgroup v1, which needs nothing. Under v2 a group with processes
# of its own cannot hand controllers down, so everything moves into a group below first.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs || true
  sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
fi

# Kernels without the one kind of packet filter have the other.
iptables -nL >/dev/null 2>&1 || update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null

if [ -n "${DOCKER_TLS_CERTDIR:-}" ]; then
  make_certificates "$DOCKER_TLS_CERTDIR"
  server="$DOCKER_TLS_CERTDIR/server"
  set -- "$@" --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2376 --tlsverify \
    --tlscacert "$server/ca.pem" --tlscert "$server/cert.pem" --tlskey "$server/key.pem"
else
  set -- "$@" --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2375 --tls=false
fi
exec "$@"
