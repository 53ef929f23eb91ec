#!/bin/bash
# Makes Pythons with what the client tests need, once: target/python, and target/python-api for
# what needs other versions of the same packages than ogctests does.
set -euo pipefail
cd "$(dirname "$0")/.."

make() { # FOLDER PACKAGES...
  local folder=$1
  shift
  if [ "$(cat "$folder/packages" 2>/dev/null)" = "$*" ]; then return; fi
  echo "python: installing $*"
  mkdir -p target
  /usr/bin/python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@"
  echo "$*" >"$folder/packages"
}

make target/python mapli==0.4.1 pillow==12.0.0 ogctests==0.1.15 owslib==0.35.0 schemathesis==4.32.0
make target/python-api openapi-spec-validator==0.9.0 ogcapi-registry==0.4.0 rdflib==7.6.0
