#!/bin/bash
# WMS and WFS as docs/qgis.md tells: Debian's QGIS Server over our project, asked by curl and GDAL.
#   tests/clients/qgis_server.sh FOLDER
# FOLDER holds pg_service.conf with the entry urbis, a login of level open, and open.qgz.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1
passed=0
failed=0
check() {
  if "${@:2}"; then passed=$((passed + 1)); echo "ok: $1"; else failed=$((failed + 1)); echo "not ok: $1"; fi
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
base=http://127.0.0.1:$port
QT_QPA_PLATFORM=offscreen PGSERVICEFILE=$folder/pg_service.conf XDG_RUNTIME_DIR=$folder/run \
  qgis_mapserver -p "$folder/open.qgz" -l 2 "127.0.0.1:$port" >"$folder/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true' EXIT
for _ in $(seq 300); do
  if curl -s -o /dev/null "$base/?SERVICE=WMS&REQUEST=GetCapabilities"; then break; fi
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done

ask() { curl -sf --max-time 60 "$base/?$1"; }
wms="SERVICE=WMS&VERSION=1.3.0"
wfs="SERVICE=WFS&VERSION=1.1.0"

ask "$wms&REQUEST=GetCapabilities" >"$folder/wms.xml"
ask "$wfs&REQUEST=GetCapabilities" >"$folder/wfs.xml"
has_layers() { grep -q 'version="1.3.0"' "$folder/wms.xml" && grep -q '<Name>land_use</Name>' "$folder/wms.xml" &&
  grep -q 'land_use' "$folder/wfs.xml" && grep -q 'EPSG:5899' "$folder/wms.xml"; }
check "WMS 1.3.0 and WFS 1.1.0 list the open layers" has_layers
hides_layers() { ! grep -qE 'camera|signal|utility_node' "$folder/wms.xml" "$folder/wfs.xml"; }
check "layers above the class are in neither list" hides_layers

# 5899 is east, north; the streets of the bundled buildings.
mkdir -p target
ask "$wms&REQUEST=GetMap&LAYERS=land_use,water_body,building,road_segment&STYLES=,,,&CRS=EPSG:3857&BBOX=12046000,1810600,12047100,1811700&WIDTH=900&HEIGHT=900&FORMAT=image/png" \
  >target/qgis-wms.png
is_map() {
  local colours
  colours=$(/usr/bin/python3 - <<'PY'
from osgeo import gdal
gdal.UseExceptions()
picture = gdal.Open("target/qgis-wms.png").ReadAsArray()
print(len({tuple(pixel) for pixel in picture[:3].reshape(3, -1).T.tolist()}))
PY
)
  echo "  $colours colours"
  [ "$colours" -gt 50 ]
}
check "GetMap draws the streets" is_map

refuses_map() {
  local answer
  answer=$(curl -s --max-time 60 "$base/?$wms&REQUEST=GetMap&LAYERS=land_use,camera&STYLES=,&CRS=EPSG:3857&BBOX=12046000,1810600,12047100,1811700&WIDTH=64&HEIGHT=64&FORMAT=image/png" | tr -d '\0')
  grep -q 'code="LayerNotDefined"' <<<"$answer"
}
check "GetMap of a layer above the class is refused" refuses_map

read_wards() { ogrinfo -ro "WFS:$base/?$wfs" admin_unit "$@"; }
features_are_read() {
  local counted found
  counted=$(read_wards -so) found=$(read_wards -where "code = '20194'")
  grep -q '^Feature Count: 94$' <<<"$counted" && grep -q 'name (String) = ' <<<"$found" &&
    grep -q '^Geometry: Multi' <<<"$counted"
}
check "GDAL reads the wards by GetFeature" features_are_read
none_are_read() { ! grep -q '<gml:featureMember' <<<"$(ask "$wfs&REQUEST=GetFeature&TYPENAME=camera")"; }
check "GetFeature gives nothing of a layer above the class" none_are_read

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
