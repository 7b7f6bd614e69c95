#!/bin/sh
# What an image with the Docker client does before the command it is given: finds the engine of a linked dind service.
# Certificates present: TLS on 2376; otherwise plain TCP on 2375. A socket or a DOCKER_HOST that is there is left alone.
set -eu

certificates="${DOCKER_TLS_CERTDIR:-}/client"
if [ -n "${DOCKER_TLS_CERTDIR:-}" ] && [ -z "${DOCKER_TLS_VERIFY:-}" ] && [ -s "$certificates/ca.pem" ]; then
  export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH="$certificates"
fi
if [ -z "${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
  if [ -n "${DOCKER_TLS_VERIFY:-}" ]; then
    export DOCKER_HOST=tcp://docker:2376
  else
    export DOCKER_HOST=tcp://docker:2375
  fi
fi

exec "$@"
