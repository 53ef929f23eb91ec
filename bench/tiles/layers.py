"""Layer files that draw everything: what a peer without thinning would draw, so that a race is fair.

Of each file in layers/ the attributes stay; from a fixed zoom on all features are drawn, whatever
their class or size; nothing is joined, and everybody may see everything.
"""

import re
import shutil

import machine

# First zoom of each layer, for us and for the peer.
MINZOOM = {"parcel": 15, "building": 14, "road_segment": 13, "utility_node": 16}
MAXZOOM = 18
# The largest that a layer file may say: nothing is left out for it.
BUDGET_KB = 5_000


def make(folder, names):
    """Writes the files into a folder below `folder`; returns it."""
    plain = folder / "layers"
    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir(parents=True)
    for name in names:
        text = (machine.ROOT / f"layers/{name}.toml").read_text()
        (plain / f"{name}.toml").write_text(without_rules(text, MINZOOM[name]))
    return plain


def without_rules(text, minzoom):
    """A layer file without openness and with `[tiles]` reduced to zooms and attributes."""
    tables = re.split(r"(?m)^(?=\[)", text)
    kept = [re.sub(r"(?m)^(openness|history_openness) *=.*\n", "", table) for table in tables]
    return "".join(plain_tiles(table, minzoom) for table in kept if not is_dropped(table))


def is_dropped(table):
    """Sub-tables of `[tiles]` hold its rules; `[openness_by]` hides features."""
    return re.match(r"\[(tiles\.|openness_by)", table) is not None


def plain_tiles(table, minzoom):
    """`[tiles]` with zooms and attributes alone; any other table as it is."""
    if not table.startswith("[tiles]"):
        return table
    attributes = re.search(r"(?ms)^attributes *= *\[.*?\]", table).group(0)
    return f"[tiles]\nminzoom = {minzoom}\nmaxzoom = {MAXZOOM}\nbudget_kb = {BUDGET_KB}\n{attributes}\n\n"
