#!/bin/bash
# Installs the checkers that come from crates.io beside cargo's other tools, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."

install_tool() {
  local name=$1 version=$2
  if [ "$(cargo "${name#cargo-}" --version 2>/dev/null | awk '{print $NF}')" = "$version" ]; then return; fi
  echo "tools: building $name $version"
  cargo install --quiet --locked --target-dir target/tools "$name@$version"
  rm -rf target/tools
}

install_tool cargo-deny 0.20.2
install_tool cargo-machete 0.9.2
