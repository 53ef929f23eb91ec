"""The road networks that are compared, and what our own program says of them."""

import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import machine
from grown import SEED, SOURCES, remade, urbis

UNITS = 100
PROFILES = Path(__file__).resolve().parent / "profiles"
PROGRAM = machine.TARGET / "release/examples/dispatch_bench"
FIXTURES = machine.ROOT / "tests/fixtures/osm"


@dataclass(frozen=True)
class Network:
    """A network, drawn places on it, and our answers."""

    name: str
    pbf: Path
    folder: Path
    cases: dict
    ours: dict

    def units(self):
        """Places of the units as (lon, lat)."""
        return [(unit["lon"], unit["lat"]) for unit in self.cases["units"]]

    def describe(self):
        """Its size in one line."""
        graph = self.ours["graph"]
        share = graph["restricted_junctions"] / graph["junctions"] * 100
        return (f"{self.name}: {graph['junctions']:,} junctions after compression ({share:.1f} % with restricted turns), "
                f"{graph['arcs']:,} arcs, built in {graph['built_ms']:,} ms, {graph['bytes'] / 2**20:.0f} MB")


def speeds():
    """km/h by class, as the profile of the comparison says."""
    return tomllib.loads((PROFILES / "plain.toml").read_text())["speeds_kmh"]


def real(incidents):
    """Real networks that are bundled with the tests."""
    names = {"Da Nang, centre": machine.ROOT / "data/danang/haichau.osm.pbf",
             "Liechtenstein": FIXTURES / "liechtenstein.osm.pbf", "Douala": FIXTURES / "douala.osm.pbf",
             "Monaco": FIXTURES / "monaco.osm.pbf"}
    return [solve(name, pbf, incidents) for name, pbf in names.items() if pbf.exists()]


def made_up(scale, incidents):
    """The made-up city's roads; made once a scale."""
    folder = machine.BENCH / f"dispatch-{scale}"
    pbf = folder / "roads.osm.pbf"
    folder.mkdir(parents=True, exist_ok=True)
    with remade(folder / "roads.stamp", SOURCES, scale) as is_stale:
        if is_stale:
            urbis("synth", "--seed", SEED, "--scale", scale, "--to", folder, "--format", "pbf")
    return solve(f"made-up city, scale {scale}", pbf, incidents)


def solve(name, pbf, incidents):
    """Runs our program over a network, pinned to the servers' core."""
    folder = machine.BENCH / ("dispatch-" + "".join(letter for letter in name.lower() if letter.isalnum()))
    command = [PROGRAM, pbf, PROFILES, folder, UNITS, incidents]
    done = subprocess.run(machine.pinned(machine.SERVER_CORE, command), cwd=machine.ROOT, stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{PROGRAM.name} failed on {pbf}")
    read = lambda file: json.loads((folder / file).read_text())
    return Network(name, pbf, folder, read("cases.json"), read("ours.json"))
