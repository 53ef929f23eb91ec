#!/bin/bash
# Builds the tile servers that ours is compared with into target/peers, once a version.
set -euo pipefail
cd "$(dirname "$0")/.."

martin=1.14.0
peers=${CARGO_TARGET_DIR:-target}/peers
if [ "$("$peers/bin/martin" --version 2>/dev/null)" = "martin $martin" ]; then exit 0; fi
echo "peers: building martin $martin"
cargo install martin --version "$martin" --locked --no-default-features \
  --features postgres,metrics --root "$peers" --target-dir "$peers/build"
rm -rf "$peers/build"
