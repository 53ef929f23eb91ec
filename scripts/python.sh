#!/bin/bash
# Makes target/python: a Python of its own with what the client tests need, once.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(mapli==0.4.1 pillow==12.0.0 ogctests==0.1.15 owslib==0.35.0)
stamp=target/python/packages
if [ "$(cat "$stamp" 2>/dev/null)" = "${packages[*]}" ]; then exit 0; fi
echo "python: installing ${packages[*]}"
mkdir -p target
/usr/bin/python3 -m venv --clear target/python
target/python/bin/pip install --quiet --disable-pip-version-check "${packages[@]}"
echo "${packages[*]}" >"$stamp"
