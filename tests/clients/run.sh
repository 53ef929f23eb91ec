#!/bin/bash
# Clients that others wrote, against the running binary: GDAL with tiles, GeoJSON and the tables
# behind them, ogctests, OWSLib, GDAL and QGIS with OGC API, QGIS with tiles, style, an edit, views and a project, QGIS Server over that, MapLibre Native with the styles, Chromium with the
# map page.
#   tests/clients/run.sh path/to/urbis
set -euo pipefail
cd "$(dirname "$0")/../.."

urbis=$1
data=$(mktemp -d)
log=$data.log
pid=

stop() {
  local code=$?
  trap - EXIT
  if [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; then wait "$pid" || code=1; fi
  if [ "$code" != 0 ]; then tail -n 50 "$log" >&2 || true; fi
  rm -rf "$data" "$data.qgis" "$log" "$log.out"
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT TERM

# With made-up data, or layers that have no other would be on no map and in no legend; without a
# fleet, which would drive under the clicks: the checks of units report their own.
env -u DATABASE_URL "$urbis" up --with-synthetic --without-fleet --listen 127.0.0.1:0 --data-dir "$data" \
  >"$log.out" 2>"$log" </dev/null &
pid=$!
base=
for _ in $(seq 1200); do
  base=$(sed -n 's/^Map: \(http:[^ ]*[^/ ]\)\/*$/\1/p' "$log.out")
  if [ -n "$base" ]; then break; fi
  kill -0 "$pid" 2>/dev/null || { echo "clients: urbis ended early" >&2; exit 1; }
  sleep 0.1
done
[ -n "$base" ] || { echo "clients: urbis did not start" >&2; exit 1; }

database=$("$urbis" status --json --data-dir "$data" |
  sed 's/.*"database_url":"\([^"]*\)".*/\1/')
tests/clients/gdal.sh "$base" "$database"
# Debian's QGIS belongs to Debian's Python, whatever `python3` is.
mkdir -m 700 "$data.qgis"
XDG_RUNTIME_DIR=$data.qgis /usr/bin/python3 tests/clients/with_qgis.py "$base" "$database" \
  "$(cat "$data/operator.key")"
tests/clients/qgis_views.sh "$urbis" "$base" "$database" "$data"
XDG_RUNTIME_DIR=$data.qgis /usr/bin/python3 tests/clients/with_qgis_oapif.py "$base" \
  "$(cat "$data/operator.key")"
node tests/browser/style.mjs "$base" "$(cat "$data/operator.key")"
scripts/python.sh
tests/clients/ogc.sh "$base" "$database"
LIBGL_ALWAYS_SOFTWARE=1 timeout 300 xvfb-run -a target/python/bin/python \
  tests/clients/native.py "$base" "$(cat "$data/operator.key")"
timeout 900 node tests/browser/map.mjs "$base/" "$(cat "$data/operator.key")" "$database"
if grep -E ' (WARN|ERROR) ' "$log"; then echo "clients: the log must hold no warning" >&2; exit 1; fi
