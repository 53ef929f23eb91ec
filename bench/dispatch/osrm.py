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
local get_turn_lanes = nil
local speeds = {{ {speeds} }}

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

return {{ setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn }}
"""


def program(name):
    """One of OSRM's programs."""
    return FOLDER / "bin" / name


def prepare(folder, roads, speeds):
    """The dataset of these roads (PBF) and speeds (km/h by class), for MLD; made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    words = ", ".join(f"['{name}'] = {speed}" for name, speed in speeds.items())
    profile = folder / "plain.lua"
    profile.write_text(PROFILE.format(speeds=words))
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
    places = ";".join(f"{lon:.7f},{lat:.7f}" for lon, lat in [*units, incident])
    sources = ";".join(map(str, range(len(units))))
    return f"/table/v1/driving/{places}?" + urllib.parse.urlencode(
        {"sources": sources, "destinations": len(units), "annotations": "duration"}, safe=";")


def seconds(body):
    """Seconds of each unit; `None` where it cannot come."""
    return [row[0] for row in json.loads(body)["durations"]]
