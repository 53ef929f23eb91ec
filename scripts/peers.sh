#!/bin/bash
# Brings what ours is compared with into target/peers, once a version.
#   scripts/peers.sh [tiles] [dispatch] [features]
# tiles: martin, built. dispatch: OSRM and Valhalla as PyPI ships them, Redis as Debian does;
# unpacked there, nothing is installed or started. (pgRouting is a package: scripts/install.sh bench.)
# features: tipg, in a Python of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

martin=1.14.0
osrm=26.10.0
valhalla=3.9.1
tipg=(tipg==1.6.1 'uvicorn[standard]==0.54.0')
peers=${CARGO_TARGET_DIR:-target}/peers

build_martin() {
  if [ "$("$peers/bin/martin" --version 2>/dev/null)" = "martin $martin" ]; then return; fi
  echo "peers: building martin $martin"
  cargo install martin --version "$martin" --locked --no-default-features \
    --features postgres,metrics --root "$peers" --target-dir "$peers/build"
  rm -rf "$peers/build"
}

# A wheel is a zip with the programs inside; they need no Python of its version.
unpack_wheel() {
  local package=$1 version=$2 folder=$peers/$1-$2
  if [ -e "$folder/unpacked" ]; then return; fi
  echo "peers: unpacking $package $version"
  rm -rf "$folder" && mkdir -p "$folder"
  python3 -m pip download --quiet --no-deps --only-binary :all: --python-version 3.12 \
    --platform manylinux_2_28_x86_64 --dest "$folder" "$package==$version"
  python3 -m zipfile -e "$folder"/*.whl "$folder"
  chmod +x "$folder"/*/bin/*
  touch "$folder/unpacked"
}

# Debian's packages, unpacked and not installed, so that no service starts.
unpack_debian() {
  local folder=$peers/$1
  shift
  if [ -e "$folder/unpacked" ]; then return; fi
  echo "peers: unpacking $*"
  rm -rf "$folder" && mkdir -p "$folder/packages"
  (cd "$folder/packages" && apt-get download -qq "$@" >/dev/null)
  for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$folder"; done
  touch "$folder/unpacked"
}

install_tipg() {
  local folder=$peers/tipg
  if [ "$(cat "$folder/packages" 2>/dev/null)" = "${tipg[*]}" ]; then return; fi
  echo "peers: installing ${tipg[*]}"
  python3 -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check "${tipg[@]}"
  echo "${tipg[*]}" >"$folder/packages"
}

for group in "${@:-tiles}"; do
  case $group in
    tiles) build_martin ;;
    dispatch)
      unpack_wheel osrm-bindings "$osrm"
      unpack_wheel pyvalhalla "$valhalla"
      unpack_debian redis redis-server redis-tools liblzf1 libjemalloc2 liblua5.1-0 lua-cjson lua-bitop
      ;;
    features) install_tipg ;;
    *) echo "peers: unknown group '$group', known: tiles dispatch features" >&2; exit 2 ;;
  esac
done
