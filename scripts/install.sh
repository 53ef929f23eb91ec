#!/bin/bash
# Installs what is missing on Debian 12 or a child of it, and does nothing where nothing is.
#   scripts/install.sh [run] [test] [clients] [bench]
# run: PostgreSQL, PostGIS, GDAL, Node. test: what the tests call. clients: a browser, QGIS, MapLibre
# Native. bench: what the benchmarks call.
set -euo pipefail

# Versions of PostgreSQL that will do, best first: Debian 12 has 15, Debian 13 has 17.
postgres_versions=(15 17 16 18)

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  if ! command -v sudo >/dev/null; then
    echo "install: not root, and no sudo. As root: apt-get install ${missing[*]:-}" >&2
    exit 1
  fi
  sudo "$@"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

has_postgis() {
  local version
  for version in "${postgres_versions[@]}"; do
    if is_installed "postgresql-$version" && is_installed "postgresql-$version-postgis-3"; then
      return 0
    fi
  done
  return 1
}

has_pgrouting() { compgen -G '/usr/share/postgresql/*/extension/pgrouting.control' >/dev/null; }

want() {
  local package
  for package in "$@"; do
    if ! is_installed "$package"; then missing+=("$package"); fi
  done
}

collect_missing() {
  local group
  for group in "$@"; do
    case $group in
      run)
        want ca-certificates libgdal-dev pkg-config
        command -v cc >/dev/null || missing+=(build-essential)
        has_postgis || missing+=(postgres)
        { command -v node && command -v npm; } >/dev/null || missing+=(nodejs npm)
        ;;
      test)
        want gdal-bin osmium-tool procps
        command -v c++ >/dev/null || missing+=(g++)
        ;;
      clients)
        command -v chromium >/dev/null || missing+=(chromium)
        want curl python3-qgis qgis-providers qgis-server python3-venv xauth xvfb libegl1 libegl-mesa0 libgl1-mesa-dri
        ;;
      bench)
        want procps python3 python3-pip python3-venv util-linux wrk
        has_pgrouting || missing+=(pgrouting)
        ;;
      *)
        echo "install: unknown group '$group', known: run test clients bench" >&2
        exit 2
        ;;
    esac
  done
}

# The first version that this Debian offers.
postgres_packages() {
  local version
  for version in "${postgres_versions[@]}"; do
    if [ -n "$(apt-cache madison "postgresql-$version-postgis-3" 2>/dev/null)" ]; then
      echo "postgresql-$version" "postgresql-$version-postgis-3"
      return
    fi
  done
  echo "install: no package postgresql-<version>-postgis-3 for any of ${postgres_versions[*]}" >&2
  exit 1
}

# The newest that is installed, or is about to be.
postgres_version() {
  local version
  for version in "${postgres_versions[@]}"; do
    if is_installed "postgresql-$version"; then echo "$version"; return; fi
  done
  postgres_packages | sed 's/^postgresql-\([0-9]*\) .*/\1/'
}

# Debian's package makes and starts a cluster of its own; ours is private, so nobody needs it.
install_without_main_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  if is_installed postgresql-common; then
    apt_get install --no-install-recommends "$@"
    return
  fi
  apt_get install --no-install-recommends postgresql-common
  as_root sed -i.urbis 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' "$conf"
  apt_get install --no-install-recommends "$@"
  as_root mv "$conf.urbis" "$conf"
}

missing=()
collect_missing "$@"
if [ ${#missing[@]} = 0 ]; then exit 0; fi

if ! command -v apt-get >/dev/null; then
  echo "install: not a Debian; install yourself: ${missing[*]}" >&2
  exit 1
fi
echo "install: ${missing[*]}"
apt_get update
packages=()
for package in "${missing[@]}"; do
  case $package in
    postgres) read -ra found <<<"$(postgres_packages)" ;;
    pgrouting) found=("postgresql-$(postgres_version)-pgrouting") ;;
    *) found=("$package") ;;
  esac
  packages+=("${found[@]}")
done
install_without_main_cluster "${packages[@]}"
