"""More forbidden turns in the made-up city: it has them at one junction of a hundred, the question is
asked where they are at two."""

import json
import time

SHARE = 0.02
SHOWN_DEADLINE_S = 120

# Left and right turns at crossings of four streets or more, one at each, always the same ones; none
# into or out of one-ways, where it may be the only way.
INSERT = """
WITH line AS (
    SELECT osm_id, ST_GeometryN(geom, 1) AS g FROM layer.road_segment
    WHERE osm_id IS NOT NULL AND coalesce(oneway, 'no') = 'no'
      AND class IN ('primary', 'secondary', 'tertiary', 'residential', 'unclassified')),
street AS (
    SELECT osm_id, ST_StartPoint(g) AS at, ST_Azimuth(ST_StartPoint(g), ST_PointN(g, 2)) AS heading FROM line
    UNION ALL
    SELECT osm_id, ST_EndPoint(g), ST_Azimuth(ST_EndPoint(g), ST_PointN(g, -2)) FROM line),
crossing AS (
    SELECT at FROM street GROUP BY at HAVING count(DISTINCT osm_id) = count(*) AND count(*) >= 4),
turn AS (
    SELECT at, a.osm_id AS from_way, b.osm_id AS to_way,
           mod((degrees(b.heading - a.heading) + 900)::numeric, 360) - 180 AS angle
    FROM crossing JOIN street a USING (at) JOIN street b USING (at) WHERE a.osm_id <> b.osm_id),
drawn AS (
    SELECT DISTINCT ON (at) * FROM turn
    WHERE abs(angle) BETWEEN 45 AND 135 AND NOT EXISTS (SELECT FROM layer.turn_restriction r WHERE r.geom && at)
    ORDER BY at, md5(from_way || to_way))
INSERT INTO layer.turn_restriction (restriction_id, kind, from_way, via, to_way, source, geom)
SELECT 'bench-' || md5(ST_AsText(at)), CASE WHEN angle > 0 THEN 'no_right_turn' ELSE 'no_left_turn' END,
       from_way, 'n' || row_number() OVER (ORDER BY at), to_way, 'synthetic', at
FROM drawn ORDER BY md5(ST_AsText(at)) LIMIT {count}
"""


def add(node):
    """Forbids turns until the share of junctions has one, and waits until the node knows them all."""
    junctions = report(node)["junctions"]
    lacking = round(junctions * SHARE) - int(node.postgres.ask("SELECT count(DISTINCT geom) FROM layer.turn_restriction"))
    if lacking > 0:
        node.postgres.ask(INSERT.format(count=lacking))
    wanted = int(node.postgres.ask("SELECT count(*) FROM layer.turn_restriction"))
    deadline = time.monotonic() + SHOWN_DEADLINE_S
    while sum(report(node)["turn_restrictions"].values()) != wanted:
        if time.monotonic() > deadline:
            raise SystemExit(f"the node does not show {wanted} turn restrictions")
        time.sleep(0.2)


def describe(node):
    """How many junctions have one, in words."""
    size = report(node)
    found = size["turn_restrictions"]
    places = int(node.postgres.ask("SELECT count(DISTINCT geom) FROM layer.turn_restriction"))
    return (f"{size['junctions']:,} junctions after compression, {places / size['junctions'] * 100:.1f} % of them with a restricted turn "
            f"({found['used']:,} restrictions obeyed, {found['exempt']} of no concern to emergency vehicles, {found['not_understood']} not understood)")


def report(node):
    return json.loads(node.fetch("/network/report", Authorization=f"Bearer {node.key}"))
