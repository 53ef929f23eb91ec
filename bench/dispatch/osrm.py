"""OSRM over the same streets: no penalties, the profile's speeds, restrictions or none."""

import json
import shutil
import subprocess
import urllib.parse

import machine
from server import Server

FOLDER = machine.TARGET / "peers/osrm-bindings-26.10.0/osrm"
PORT = 8471
# OSRM's own, without every penalty that we do not have: then its times are ours, to its rounding.
PROFILE = """
api_version = 4
local speeds = {{ {speeds} }}
local fineness = {fineness}

function setup()
  return {{
    properties = {{
      weight_name = 'duration', u_turn_penalty = 0, traffic_signal_penalty = 0,
      continue_straight_at_waypoint = false, use_turn_restrictions = true,
      max_speed_for_map_matching = 60, process_call_tagless_node = false,
    }},
    restrictions = {{ 'motorcar', 'motor_vehicle', 'vehicle' }},
  }}
end

function process_node(profile, node, result, relations) end

function process_way(profile, way, result, relations)
  local speed = speeds[way:get_value_by_key('highway')]
  if not speed then return end
  local oneway = way:get_value_by_key('oneway')
  local junction = way:get_value_by_key('junction')
  local is_round = junction == 'roundabout' or junction == 'circular'
  result.forward_mode, result.backward_mode = mode.driving, mode.driving
  result.forward_speed, result.backward_speed = speed, speed
  if oneway == 'yes' or oneway == '1' or oneway == 'true' or (is_round and oneway ~= 'no') then
    result.backward_mode = mode.inaccessible
  elseif oneway == '-1' then
    result.forward_mode = mode.inaccessible
  end
  result.name = way:get_value_by_key('name') or ''
end

function process_turn(profile, turn)
  turn.duration, turn.weight = 0, 0
end

-- Its own lengths are those of a sphere, half a per cent off; these are those of WGS 84, by the radii
-- of curvature halfway.
local function metres(from, to)
  local lat = math.rad((from.lat + to.lat) / 2)
  local w2 = 1 - 0.00669437999014 * math.sin(lat) ^ 2
  local normal = 6378137 / math.sqrt(w2)
  local east = math.rad(to.lon - from.lon) * normal * math.cos(lat)
  local north = math.rad(to.lat - from.lat) * normal * (1 - 0.00669437999014) / w2
  return math.sqrt(east * east + north * north)
end

function process_segment(profile, segment)
  if fineness == 1 or segment.distance == 0 then return end
  local taken = segment.duration * metres(segment.source, segment.target) / segment.distance * fineness
  segment.duration, segment.weight = taken, taken
end

return {{
  setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn,
  process_segment = process_segment,
}}
"""
# It rounds each stretch between two vertices to a tenth of a second. Where its times are to be
# compared and not its pace, its clock runs so many times as fast, and it rounds to milliseconds.
FINE = 100
PLAIN = 1


def program(name):
    """One of OSRM's programs."""
    return FOLDER / "bin" / name


def prepare(folder, roads, speeds, fineness):
    """The dataset of these roads (PBF) and speeds (km/h by class), for MLD; made anew. `FINE` or `PLAIN`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = ", ".join(f"['{name}'] = {speed}" for name, speed in speeds.items())
    profile = folder / "plain.lua"
    profile.write_text(PROFILE.format(speeds=words, fineness=fineness))
    shutil.copy(roads, folder / "roads.osm.pbf")
    for command in (["osrm-extract", "-p", profile, folder / "roads.osm.pbf"],
                    ["osrm-partition", folder / "roads.osrm"], ["osrm-customize", folder / "roads.osrm"]):
        subprocess.run([str(program(command[0])), *map(str, command[1:])], check=True, stdout=subprocess.DEVNULL)
    return folder / "roads.osrm"


def server(dataset):
    """OSRM's server over a dataset."""
    command = [program("osrm-routed"), "-i", "127.0.0.1", "-p", PORT, "-a", "mld", "-t", 1, "--max-table-size", 10000, dataset]
    health = "/nearest/v1/driving/108.2,16.06"
    return Server("osrm", command, f"http://127.0.0.1:{PORT}", health=health)


def table_path(units, incident):
    """The question: how long from each unit to the incident. Places are (lon, lat)."""
    return matrix_path(units, [incident])


def matrix_path(starts, goals):
    """The question: how long from each start to each goal."""
    places = ";".join(f"{lon:.7f},{lat:.7f}" for lon, lat in [*starts, *goals])
    number = lambda count, first: ";".join(str(first + at) for at in range(count))
    return f"/table/v1/driving/{places}?" + urllib.parse.urlencode(
        {"sources": number(len(starts), 0), "destinations": number(len(goals), len(starts)), "annotations": "duration"}, safe=";")


def seconds(body, fineness):
    """Seconds of each unit; `None` where it cannot come."""
    return [row[0] for row in matrix(body, fineness)]


def matrix(body, fineness):
    """Seconds from each start to each goal; `None` where there is no way."""
    return [[None if time is None else time / fineness for time in row] for row in json.loads(body)["durations"]]
