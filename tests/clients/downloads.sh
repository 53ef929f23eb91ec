#!/bin/bash
# GDAL and QGIS with files that are downloaded: every format holds what the tables hold, in its CRS.
#   tests/clients/downloads.sh BASE_URL DATABASE_URL KEY RUNTIME_DIR
set -euo pipefail
base=$1
database=$2
key=$3   # opens everything: the tables by psql hide nothing either
runtime=$4
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

expect() { # SENTENCE FOUND WANTED
  if [ "$2" != "$3" ]; then echo "not ok: $1: found '$2', wanted '$3'" >&2; exit 1; fi
  echo "ok: $1"
}

count() { sed -n 's/^Feature Count: //p' <<<"$1"; }

# The CRS that is stored is that of a file, but of those that are text.
crs() { # LAYER FORMAT
  case $2 in
    csv) echo none ;;
    geojson) echo 4326 ;;
    *) psql -XAtq "$database" -c "SELECT Find_SRID('layer', '$1', 'geom')" ;;
  esac
}

for layer in admin_unit road_segment bus_stop parcel; do
  stored=$(psql -XAtq "$database" -c "SELECT count(*) FROM layer.$layer WHERE
    coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)")
  for format in gpkg fgb geojson csv shp; do
    file=$files/$layer.$format
    [ "$format" != shp ] || file=$files/$layer.zip
    curl -sSf -H "Authorization: Bearer $key" -o "$file" "$base/ogc/collections/$layer/download?f=$format"
    path=$file
    [ "$format" != shp ] || path=/vsizip/$file
    columns=()
    [ "$format" != csv ] || columns=(-oo GEOM_POSSIBLE_NAMES=geom_wkt -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat)
    said=$(ogrinfo -ro -so "${columns[@]}" "$path" "$layer" 2>&1)
    expect "GDAL counts $layer as $format as psql does" "$(count "$said")" "$stored"
    found=$(sed -n 's/^ *ID\["EPSG",\([0-9]*\)\]\]$/\1/p' <<<"$said" | tail -1)
    expect "GDAL knows the CRS of $layer as $format" "${found:-none}" "$(crs "$layer" "$format")"
    geometry=$(sed -n 's/^Extent: .*/some/p' <<<"$said")
    expect "GDAL finds the place of $layer as $format" "$geometry" some
  done
done

curl -sSf -H "Authorization: Bearer $key" -o "$files/danang.gpkg" "$base/ogc/download?f=gpkg"
XDG_RUNTIME_DIR=$runtime /usr/bin/python3 tests/clients/with_qgis_downloads.py \
  "$files/danang.gpkg" "$database"
