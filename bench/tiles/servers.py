"""The tile servers that are measured."""

import json

import layers
import machine
from server import Server


def urbis(city, cache_mb, layer_files=None):
    """Our node; without `layer_files` with the project's own layers."""
    command = [machine.URBIS, "--log", "warn", "serve", "--database-url", city.postgres.url]
    command += ["--listen", "127.0.0.1:8461", "--layers", layer_files or machine.ROOT / "layers"]
    if has_cache():
        command += ["--tile-cache-mb", cache_mb]
    return Server("urbis", command, "http://127.0.0.1:8461", prefix="/tiles", health="/health/ready")


def has_cache():
    """Whether this build of ours keeps finished tiles."""
    return "--tile-cache-mb" in machine.output(machine.URBIS, "serve", "--help")


# martin's own default, stated because it bounds what PostgreSQL gets to do at once.
POOL_SIZE = 20


def martin(city, cache_mb, minzoom=None):
    """martin over the tables of schema peer; without `minzoom` each from the zoom of layers.py."""
    tables = {name: martin_table(city, name, (minzoom or layers.MINZOOM)[name]) for name in layers.MINZOOM}
    config = {
        "listen_addresses": "127.0.0.1:8462",
        "cache_size_mb": cache_mb,
        "postgres": {
            "connection_string": city.postgres.socket_url, "pool_size": POOL_SIZE,
            "auto_publish": False, "tables": tables,
        },
    }
    # YAML takes JSON.
    path = city.folder / "martin.yaml"
    path.write_text(json.dumps(config, indent=2))
    command = [machine.MARTIN, "--config", path]
    return Server("martin", command, "http://127.0.0.1:8462", postgres=city.postgres)


def martin_table(city, name, minzoom):
    columns = city.postgres.ask(
        "SELECT column_name || ':' || udt_name FROM information_schema.columns WHERE table_schema = 'peer' "
        f"AND table_name = '{name}' AND column_name NOT IN ('gid', 'geom') ORDER BY ordinal_position"
    )
    return {
        "schema": "peer", "table": name, "srid": 3857, "geometry_column": "geom", "id_column": "gid",
        "minzoom": minzoom, "maxzoom": layers.MAXZOOM, "extent": 4096, "buffer": 64, "clip_geom": True,
        "properties": dict(column.split(":") for column in columns.split()),
    }


def bare(folder):
    """An axum handler that serves the files of a folder from memory and does nothing else."""
    command = [machine.BARE, "127.0.0.1:8463", folder]
    return Server("bare", command, "http://127.0.0.1:8463")
