#!/bin/sh
# Deploys IMAGE_REFERENCE, an image by its digest, to the host. EC2_SSH_KEY and EC2_KNOWN_HOSTS are paths of files
# (variables of type "File"): whoever answers at the host's address must have the host key that is known for it.
set -eu

# Runners write such files for everybody to read, and ssh takes no key that others can read.
umask 077
key=$(mktemp)
trap 'rm -f "$key"' EXIT
cat "$EC2_SSH_KEY" >"$key"

export ANSIBLE_HOST_KEY_CHECKING=true ANSIBLE_FORCE_COLOR=true
ansible-playbook ansible/deploy.yml \
  --inventory "$EC2_INSTANCE," --user ubuntu --private-key "$key" \
  --ssh-common-args "-o UserKnownHostsFile=$EC2_KNOWN_HOSTS" \
  --extra-vars "image=$IMAGE_REFERENCE"
