#!/bin/bash
# The checks with QGIS by the QGIS of Debian 13's backports, against the running binary. As root.
#   tests/clients/qgis_new.sh path/to/urbis
set -euo pipefail
cd "$(dirname "$0")/../.."

urbis=$1
scripts/qgis_trixie.sh >/dev/null
. tests/clients/start.sh
key=$(cat "$data/operator.key")
export XDG_RUNTIME_DIR=$data.qgis
tests/clients/trixie_python.sh tests/clients/with_qgis_oapif.py "$base" "$key"
tests/clients/trixie_python.sh tests/clients/with_qgis.py "$base" "$database" "$key"
tests/clients/qgis_views.sh "$urbis" "$base" "$database" "$data" tests/clients/trixie_python.sh
curl -sSf -H "Authorization: Bearer $key" -o "$data.qgis/city.gpkg" "$base/ogc/download?f=gpkg"
tests/clients/trixie_python.sh tests/clients/with_qgis_downloads.py "$data.qgis/city.gpkg" "$database"
if grep -E ' (WARN|ERROR) ' "$log"; then echo "qgis_new: the log must hold no warning" >&2; exit 1; fi
