#!/bin/bash
# Clients of OGC API that others wrote, against the running binary: the tests of `ogctests`, which
# are written from the standards' abstract tests, two that check the definition, schemathesis,
# OWSLib, and GDAL's driver OAPIF.
#   tests/clients/ogc.sh BASE_URL DATABASE_URL
set -euo pipefail
base=$1
database=$2
python=target/python/bin/python

# By pytest: `python -m ogctests` ends with 0 whatever its tests found.
ogctests() { # SUITE OPTIONS...
  local suite=$1
  shift
  INSTANCE_URL=$base/ogc PYTHONPATH=tests/clients "$python" -m pytest -q --tb=short \
    -p no:cacheprovider "$@" --pyargs "ogctests.$suite"
  echo "ok: ogctests $suite"
}
ogctests features.core
CLIENT_OVERRIDDEN=True ogctests features.filtering -rx -p ogctests_mended
"$python" tests/clients/ogc_filtering.py "$base/ogc"
target/python-api/bin/python tests/clients/ogc_definition.py "$base/ogc"
tests/clients/schemathesis.sh "$base"

"$python" tests/clients/ogc_owslib.py "$base/ogc"

now="coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)"
expect() { # SENTENCE FOUND WANTED
  if [ "$2" != "$3" ]; then echo "not ok: $1: found '$2', wanted '$3'" >&2; exit 1; fi
  echo "ok: $1"
}
info() { ogrinfo -ro -so "$@" 2>&1; }

# The driver counts a layer by asking for one feature, and reads all of them page by page.
for layer in admin_unit building bus_stop; do
  stored=$(psql -XAtq "$database" -c "SELECT count(*) FROM layer.$layer WHERE $now")
  expect "GDAL counts $layer over OGC API as psql does" \
    "$(info "OAPIF:$base/ogc" "$layer" | sed -n 's/^Feature Count: //p')" "$stored"
  for size in "" "-oo PAGE_SIZE=1000"; do
    # shellcheck disable=SC2086
    read=$(ogr2ogr -f CSV /vsistdout/ "OAPIF:$base/ogc" "$layer" $size -select "" | tail -n +2 | wc -l)
    expect "GDAL reads all of $layer ${size:-with pages of its own size}" "$read" "$stored"
  done
done
expect "GDAL takes areas for numbers" \
  "$(info "OAPIF:$base/ogc" admin_unit | sed -n 's/^area_km2: //p')" "Real (0.0)"
expect "GDAL takes wards for areas of many parts" \
  "$(info "OAPIF:$base/ogc" admin_unit | sed -n 's/^Geometry: //p')" "Multi Polygon"
