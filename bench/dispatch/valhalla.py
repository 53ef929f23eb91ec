"""Valhalla over the same streets: its own times, the k nearest of its exact matrix."""

import json
import os
import shutil
import subprocess
import sys

import machine
from server import Server

FOLDER = machine.TARGET / "peers/pyvalhalla-3.9.1/valhalla"
PORT = 8472


def prepare(folder, roads):
    """Tiles of these roads (PBF) and the configuration beside them; made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, FOLDER / "valhalla_build_config.py", "--mjolnir-tile-dir", folder / "tiles",
               "--mjolnir-admin", "", "--mjolnir-timezone", "", "--mjolnir-tile-extract", "", "--mjolnir-traffic-extract", "",
               "--service-limits-auto-max-matrix-location-pairs", "100000"]
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    config = json.loads(done.stdout)
    # What it is asked for: an exact search that stops, not its pruned default.
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    config["httpd"]["service"]["listen"] = f"tcp://127.0.0.1:{PORT}"
    config["httpd"]["service"]["loopback"] = "ipc://" + str(folder / "loopback")
    config["httpd"]["service"]["interrupt"] = "ipc://" + str(folder / "interrupt")
    for part in ("loki", "thor", "odin"):
        config[part]["service"]["proxy"] = "ipc://" + str(folder / part)
        config[part].setdefault("logging", {})["type"] = ""
    config["mjolnir"].setdefault("logging", {})["type"] = ""
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    build = [FOLDER / "bin/valhalla_build_tiles", "-c", path, roads]
    subprocess.run(list(map(str, build)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def server(config):
    """Valhalla's server, one worker."""
    return Server("valhalla", [FOLDER / "bin/valhalla_service", config, 1], f"http://127.0.0.1:{PORT}", health="/status")


def question(units, incident, k):
    """Path and body of: the k units that are first at the incident."""
    place = lambda lonlat: {"lon": lonlat[0], "lat": lonlat[1]}
    asked = {"sources": [place(unit) for unit in units], "targets": [place(incident)], "costing": "auto",
             "matrix_locations": k, "verbose": False}
    return "/sources_to_targets", json.dumps(asked).encode()
