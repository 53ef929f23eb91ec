#!/bin/sh
# Tables for other tile servers (martin, pg_tileserv, tegola): the features of a made-up city as
# those servers like them best: in EPSG:3857, GiST, clustered by it, analysed.
#
#     bench/load_peers.sh DATABASE_URL
#
# Reads the tables of schema layer, writes schema peer anew; the attributes are those that our own
# tiles carry. Prints rows, size and seconds of each table.
set -eu
URL=${1:?usage: bench/load_peers.sh DATABASE_URL}

load() {
    table=$1 type=$2 columns=$3
    start=$(date +%s)
    psql -X -q -v ON_ERROR_STOP=1 "$URL" <<SQL
SET client_min_messages = warning;
SET maintenance_work_mem = '512MB';
SET max_parallel_maintenance_workers = 1;
DROP TABLE IF EXISTS peer.$table;
CREATE TABLE peer.$table AS
    SELECT feature_id AS gid, $columns, ST_Transform(geom, 3857)::geometry($type, 3857) AS geom
    FROM layer.$table
    WHERE geom IS NOT NULL;
ALTER TABLE peer.$table ADD PRIMARY KEY (gid);
CREATE INDEX ${table}_geom ON peer.$table USING gist (geom);
CLUSTER peer.$table USING ${table}_geom;
VACUUM ANALYZE peer.$table;
SQL
    rows=$(psql -X -At "$URL" -c "SELECT count(*), pg_size_pretty(pg_total_relation_size('peer.$table')) FROM peer.$table")
    echo "$table: $rows, $(($(date +%s) - start)) s"
}

psql -X -q -v ON_ERROR_STOP=1 "$URL" -c "SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS peer"
load parcel MultiPolygon "parcel_id, ward_code, sheet_no, parcel_no, area_m2, land_use, source"
load building MultiPolygon "use, name, house_number, floors, height_m"
load road_segment MultiLineString "class, service, name, ref, oneway, surface, bridge, tunnel, layer"
load utility_node Point "kind, state"
