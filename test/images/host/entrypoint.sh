#!/bin/sh
# Starts sshd, which lets in whoever has the key of AUTHORIZED_KEY, and then the engine.
set -eu
install -d -m 700 -o ubuntu -g ubuntu /home/ubuntu/.ssh
printf '%s\n' "$AUTHORIZED_KEY" >/home/ubuntu/.ssh/authorized_keys
chown ubuntu:ubuntu /home/ubuntu/.ssh/authorized_keys
ssh-keygen -A >/dev/null
/usr/sbin/sshd
exec dockerd-entrypoint.sh dockerd
