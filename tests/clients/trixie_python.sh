#!/bin/bash
# The Python of the Debian 13 that scripts/qgis_trixie.sh makes; the project, the folder of temporary
# files and the network are those of this machine. As root.
#   tests/clients/trixie_python.sh SCRIPT [ARGUMENT]...
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$(scripts/qgis_trixie.sh)
temporary=$(realpath "${TMPDIR:-/tmp}")
mkdir -p "$root$PWD" "$root$temporary"
# The mounts are seen by this process alone, and end with it.
exec unshare --mount --propagation private bash -euc '
  root=$1 temporary=$2
  shift 2
  mount --bind "$PWD" "$root$PWD"
  mount --bind "$temporary" "$root$temporary"
  mount -t proc proc "$root/proc"
  exec chroot "$root" env -i PATH=/usr/bin HOME=/root LANG=C.UTF-8 TMPDIR="$temporary" \
    XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-}" bash -euc "cd \"\$0\"; exec python3 \"\$@\"" "$PWD" "$@"
' bash "$root" "$temporary" "$@"
