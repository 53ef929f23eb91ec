#!/bin/bash
# Clients that others wrote, against the running binary: GDAL with tiles, GeoJSON and the tables
# behind them, ogctests, OWSLib, GDAL and QGIS with OGC API, QGIS with tiles, style, an edit, views and a project, QGIS Server over that, MapLibre Native with the styles, Chromium with the
# map page.
#   tests/clients/run.sh path/to/urbis
set -euo pipefail
cd "$(dirname "$0")/../.."

urbis=$1
. tests/clients/start.sh

# Runs a part, and says how long it took.
timed() {
  local begun=$SECONDS name word
  for word in "$@"; do
    case $word in tests/*|scripts/*) name=$word; break ;; esac
  done
  "$@"
  echo "took $((SECONDS - begun)) s: $name"
}

timed tests/clients/gdal.sh "$base" "$database"
# Debian's QGIS belongs to Debian's Python, whatever `python3` is.
XDG_RUNTIME_DIR=$data.qgis timed /usr/bin/python3 tests/clients/with_qgis.py "$base" "$database" \
  "$(cat "$data/operator.key")"
timed tests/clients/qgis_views.sh "$urbis" "$base" "$database" "$data"
XDG_RUNTIME_DIR=$data.qgis timed /usr/bin/python3 tests/clients/with_qgis_oapif.py "$base" \
  "$(cat "$data/operator.key")"
timed tests/clients/downloads.sh "$base" "$database" "$(cat "$data/operator.key")" "$data.qgis"
timed node tests/browser/style.mjs "$base" "$(cat "$data/operator.key")"
timed scripts/python.sh
timed tests/clients/ogc.sh "$base" "$database"
timed target/python-api/bin/python tests/clients/dcat.py "$base"
timed timeout 600 node tests/browser/ogc_pages.mjs "$base" "$(cat "$data/operator.key")"
LIBGL_ALWAYS_SOFTWARE=1 timed timeout 300 xvfb-run -a target/python/bin/python \
  tests/clients/native.py "$base" "$(cat "$data/operator.key")"
timed timeout 900 node tests/browser/map.mjs "$base/" "$(cat "$data/operator.key")" "$database"
if grep -E ' (WARN|ERROR) ' "$log"; then echo "clients: the log must hold no warning" >&2; exit 1; fi
