-- Wells on a grid of a hundredth of a degree, one on the antimeridian, one at the pole.
INSERT INTO layer.well (geom, name, depth_m)
SELECT ST_SetSRID(ST_MakePoint(108 + x * 0.01, 16 + y * 0.01), 4326), 'well ' || x || '/' || y, x
FROM generate_series(0, 9) AS x, generate_series(0, 9) AS y;
INSERT INTO layer.well (geom, name) VALUES
    (ST_SetSRID(ST_MakePoint(179.5, 66), 4326), 'east'),
    (ST_SetSRID(ST_MakePoint(-179.5, 66), 4326), 'west'),
    (ST_SetSRID(ST_MakePoint(10, 90), 4326), 'pole'),
    (NULL, 'nowhere');
