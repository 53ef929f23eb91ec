"""The city that is measured: database, the peers' tables, lists of tiles. Made once a scale."""

import gzip
import hashlib
import json
import math
import random
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import layers
import machine
from grown import SEED, SOURCES, remade, urbis

DRAWS = 20_000
LOAD_PEERS = machine.ROOT / "bench/load_peers.sh"
DRAW_TILES = machine.ROOT / "bench/tile_paths.py"
LAYERS = ["parcel", "building", "road_segment", "utility_node"]
# What everybody may see by the project's own layer files.
OPEN_LAYERS = LAYERS[:3]


@dataclass(frozen=True)
class City:
    """All that a workload needs."""

    postgres: object
    folder: Path
    scale: str
    # Weighted by features, in random order, `z/x/y`.
    draws: list
    plain_layers: Path

    def paths(self, zooms, count):
        """The first draws of these zooms: a tile comes as often as it has features."""
        return [path for path in self.draws if zoom_of(path) in zooms][:count]

    def distinct(self, zooms):
        """Every tile drawn at these zooms once, the fullest first."""
        return [path for path, _ in Counter(self.paths(zooms, None)).most_common()]

    def zipf(self, zooms, count, tiles):
        """A list over so many tiles where the n-th comes 1/n as often as the first."""
        tiles = self.distinct(zooms)[:tiles]
        weights = [1 / (rank + 1) for rank in range(len(tiles))]
        return random.Random(SEED).choices(tiles, weights, k=count)

    def is_kept(self):
        """Whether this is the list that bench/ keeps of this scale; `None` where it keeps none."""
        path = machine.ROOT / f"bench/tile_paths_{self.scale}.txt.gz"
        return gzip.decompress(path.read_bytes()).decode().split() == self.draws if path.exists() else None

    def key(self):
        """A new key that opens everything to its reader."""
        asked = ["key", "create", "--level", "restricted", "--scope", "read", "--label", "bench", "--json"]
        return json.loads(urbis(*asked, "--database-url", self.postgres.url))["key"]

    def describe(self):
        """Rows of each layer and the list's hash."""
        rows = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM peer.{name}" for name in LAYERS)
        counts = dict(line.split("|") for line in self.postgres.ask(rows).splitlines())
        words = ", ".join(f"{int(count):,} {name}" for name, count in counts.items())
        digest = hashlib.sha256("\n".join(self.draws).encode()).hexdigest()[:16]
        kept = {None: "no list is kept of this scale", True: "the list kept in bench/", False: "NOT the list kept in bench/"}
        postgis = self.postgres.ask("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
        return (
            f"PostGIS {postgis}. Made-up city, seed {SEED}, scale {self.scale}: {words}. Tiles drawn by features (none "
            f"empty), {len(self.draws)} draws, hash {digest} ({kept[self.is_kept()]}); buffers of PostgreSQL hold the whole city."
        )


def make(postgres, folder, scale):
    """Makes what is missing, and anew what is made by something that has changed."""
    listed = folder / "tiles.txt"
    with remade(folder / "city.stamp", [*SOURCES, LOAD_PEERS], scale) as is_stale:
        if is_stale:
            grow(postgres, scale)
            (folder / "tiles.stamp").unlink(missing_ok=True)
    urbis("migrate", "--database-url", postgres.url)
    drawn_by = [DRAW_TILES, *(machine.ROOT / f"layers/{name}.toml" for name in LAYERS)]
    with remade(folder / "tiles.stamp", drawn_by, scale) as is_stale:
        if is_stale:
            listed.write_bytes(draw(postgres))
    return City(postgres, folder, scale, listed.read_text().split(), layers.make(folder, LAYERS))


def grow(postgres, scale):
    """City and peers' tables, in a database of their own."""
    postgres.clear()
    urbis("synth", "--seed", SEED, "--scale", scale, "--database-url", postgres.url)
    subprocess.run(["sh", LOAD_PEERS, postgres.url], check=True)


def draw(postgres):
    """The list of tiles."""
    command = ["python3", DRAW_TILES, postgres.url, "--count", DRAWS, "--seed", SEED]
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE).stdout


def zoom_of(path):
    """The zoom of `z/x/y`."""
    return int(path.split("/")[0])


def envelope(path):
    """West, south, east, north of a tile in EPSG:4326."""
    z, x, y = map(int, path.split("/"))
    lon = [(x + step) / 2**z * 360 - 180 for step in (0, 1)]
    lat = [math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + step) / 2**z)))) for step in (1, 0)]
    return lon[0], lat[0], lon[1], lat[1]
