#!/bin/bash
# Debian 13 with the QGIS of its backports in a folder of the user's cache, and prints the folder.
# Makes it where it is missing: as root, with debootstrap, 2 GB, some minutes.
#   scripts/qgis_trixie.sh
set -euo pipefail

folder=${XDG_CACHE_HOME:-$HOME/.cache}/urbis/qgis-trixie
packages=(python3-qgis qgis-providers postgresql-client fonts-dejavu-core)
if [ -d "$folder" ]; then echo "$folder"; exit 0; fi
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
  echo "qgis_trixie: to be run by root with Debian's debootstrap" >&2
  exit 1
fi

# The mirror that this machine uses, if it is one of Debian.
mirror=$(grep -rhoE '\bhttps?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
  head -n 1 | tr -d ' ' || true)
mirror=${mirror:-http://deb.debian.org/debian}
echo "qgis_trixie: installing Debian 13 and QGIS from $mirror" >&2
rm -rf --one-file-system "$folder.new"
mkdir -p "$folder.new"
inside() { chroot "$folder.new" env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@" >&2; }
debootstrap --variant=minbase trixie "$folder.new" "$mirror" >&2
echo "deb $mirror trixie-backports main" >"$folder.new/etc/apt/sources.list.d/backports.list"
inside apt-get -qq update
inside apt-get -qq --no-install-recommends install -t trixie-backports "${packages[@]}"
inside apt-get clean
mv "$folder.new" "$folder"
echo "$folder"
