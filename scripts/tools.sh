#!/bin/bash
# Installs the checkers that come from crates.io into target/tools, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$PWD/target/tools

install_tool() {
  local name=$1 version=$2
  if [ "$("$tools/bin/$name" --version 2>/dev/null | awk '{print $NF}')" = "$version" ]; then return; fi
  echo "tools: building $name $version"
  cargo install --quiet --locked --root "$tools" --target-dir "$tools/build" "$name@$version"
  rm -rf "$tools/build"
}

install_tool cargo-deny 0.20.2
install_tool cargo-machete 0.9.2
