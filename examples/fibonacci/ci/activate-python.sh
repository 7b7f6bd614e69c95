# shellcheck shell=sh disable=SC1091
# Sourced by jobs that need Python's tools: a virtual environment with everything of app/requirements.txt.
python3 -m venv .venv
. .venv/bin/activate
pip install --quiet --disable-pip-version-check --requirement app/requirements.txt
