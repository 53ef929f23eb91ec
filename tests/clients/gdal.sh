#!/bin/bash
# GDAL as a client: what `ogrinfo` finds in tiles, GeoJSON answers and PostGIS must agree.
#   tests/clients/gdal.sh BASE_URL DATABASE_URL
set -euo pipefail
base=$1
database=$2

# What a person would see: the number of features in a layer of a source.
count() { # SOURCE LAYER
  ogrinfo -ro -so "$@" 2>&1 | sed -n 's/^Feature Count: //p'
}

expect() { # SENTENCE FOUND WANTED
  if [ "$2" != "$3" ]; then echo "not ok: $1: found '$2', wanted '$3'" >&2; exit 1; fi
  echo "ok: $1"
}

for layer in admin_unit building road_segment; do
  stored=$(psql -XAtq "$database" -c "SELECT count(*) FROM layer.$layer")
  expect "GDAL counts $layer in PostGIS as psql does" \
    "$(count "postgresql://${database#*://}" "layer.$layer")" "$stored"
done

# The middle of the city at z14, and the whole province at z8.
for address in 14/13117/7451 8/204/116; do
  for layer in admin_unit road_segment; do
    tile="MVT:$base/tiles/$layer/$address.mvt"   # the driver goes by the ending
    ids=$(ogrinfo -ro -al -q -geom=NO -oo CLIP=NO "$tile" "$layer" | sed -n 's/^ *mvt_id .* = //p')
    if [ "$layer ${address%%/*}" = "road_segment 8" ]; then
      expect "roads of z8 are joined, so none has an id" "$ids" ""
      joined=$(ogrinfo -ro -al -q -geom=NO -oo CLIP=NO "$tile" "$layer" | grep -c 'class (String) = primary')
      expect "GDAL reads the primary roads of z8" "$([ "$joined" -gt 0 ] && echo some)" some
      continue
    fi
    [ -n "$ids" ] || { echo "not ok: tile $address has no $layer" >&2; exit 1; }
    unknown=$(psql -XAtq "$database" -c "SELECT count(*) FROM unnest('{$(echo $ids | tr ' ' ,)}'::bigint[]) AS id
      WHERE NOT EXISTS (SELECT FROM layer.$layer WHERE feature_id = id)")
    expect "every $layer that GDAL decodes from tile $address is in the table" "$unknown" 0
  done
done

nearest="$base/nearest/building?lon=108.2208&lat=16.0678&limit=5"
expect "GDAL reads the nearest buildings as GeoJSON" "$(count -al "$nearest")" 5
expect "GDAL takes the answer for longitude and latitude on WGS 84" \
  "$(ogrinfo -ro -so -al "$nearest" | grep -cE '^Extent: \(108\.2.*, 16\.0.*|ID\["EPSG",4326\]')" 2
