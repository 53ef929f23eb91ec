-- What the rows of crates/store/examples/features_speed.rs cost psql: the same conditions, attributes and digits.
-- psql <database of 'urbis synth --seed 1 --scale 0.34'> -f bench/features/copy.sql
\timing on
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\echo page, geometry only
\copy (SELECT ST_AsGeoJSON(ST_Transform(geom,4326), 7) FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id LIMIT 1000) to '/dev/null'
\copy (SELECT ST_AsGeoJSON(ST_Transform(geom,4326), 7) FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id LIMIT 1000) to '/dev/null'
\echo bbox
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') AND geom && ST_Transform(ST_MakeEnvelope(108.21,16.05,108.22,16.06,4326),5899) AND ST_Intersects(geom,ST_Transform(ST_MakeEnvelope(108.21,16.05,108.22,16.06,4326),5899)) ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') AND geom && ST_Transform(ST_MakeEnvelope(108.21,16.05,108.22,16.06,4326),5899) AND ST_Intersects(geom,ST_Transform(ST_MakeEnvelope(108.21,16.05,108.22,16.06,4326),5899)) ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\echo cql2
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') AND area_m2 > 200 AND land_use='ODT' ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') AND area_m2 > 200 AND land_use='ODT' ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\echo 5899
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 3) FROM (SELECT feature_id, geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\echo deep
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') and feature_id > 774873 ORDER BY feature_id LIMIT 1000) r) to '/dev/null'
\echo stream, features
\copy (SELECT ST_AsGeoJSON(r.*, 'geom', 7) FROM (SELECT feature_id, ST_Transform(geom,4326) AS geom, parcel_id, ward_code, sheet_no, parcel_no, area_m2, legal_area_m2, land_use, address, holder, source FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id) r) to '/dev/null'
\echo stream, geometry only
\copy (SELECT ST_AsGeoJSON(ST_Transform(geom,4326), 7) FROM layer.parcel WHERE land_use NOT IN ('CQP','CAN') ORDER BY feature_id) to '/dev/null'
