"""MapLibre Native, as apps on Android and iOS have it inside, draws our styles; headless.

    native.py http://127.0.0.1:8400 [KEY]

Every request goes through a proxy that notes the answer: each must be a success, and each range of
glyphs must hold a glyph. With a key every layer that it may see is drawn too, also those that are
off when the map opens, and each icon that a style can come to name must be in its sheet. Pictures
are left in target/ for people to look at.
"""

import http.client
import io
import json
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import mapli
from PIL import Image

STYLES = ["danang", "danang_dark"]
PLACES = {
    "sea": dict(lon=110.5, lat=13.5, zoom=4.6),
    "city": dict(lon=108.2208, lat=16.0605, zoom=10.5),
    "haichau": dict(lon=108.2190, lat=16.0640, zoom=15.2),
}
# Where layers that are off when the map opens have most to draw; made-up data, where it is there.
PLACES_WITH_ALL = {
    "city": dict(lon=108.2208, lat=16.0605, zoom=11.5),
    "haichau": dict(lon=108.2190, lat=16.0640, zoom=16.2),
    "sontra": dict(lon=108.2780, lat=16.1200, zoom=13.2),
}
SIZE = 600
FEWEST_COLORS = 40

# An empty range of glyphs: what the server gives for letters that no font of ours has.
EMPTY_GLYPHS_LEN = 64

# Chinese, Japanese and Korean letters, which phones draw with their own fonts; a few names have them.
DEVICE_LETTERS = [range(0x2E80, 0xA000), range(0xAC00, 0xD7B0)]

# Properties of style layers that name icons.
ICON_PROPERTIES = ["icon-image", "fill-pattern", "line-pattern", "background-pattern"]


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on and notes what came back."""

    upstream = None
    key = None
    seen = []

    def do_GET(self):
        connection = http.client.HTTPConnection(self.upstream)
        headers = {name: self.headers[name] for name in ["Host", "Accept-Encoding"] if self.headers[name]}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        connection.request("GET", self.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        self.seen.append((answer.status, urllib.parse.unquote(self.path), len(body)))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def listen(proxy):
    server = ThreadingHTTPServer(("127.0.0.1", 0), proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def fetch(address):
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def icons(value):
    """The names of icons that a property can come to: itself, or what an expression gives."""
    if isinstance(value, str):
        return {value} - {""}
    if not isinstance(value, list):
        return set()
    operator, *rest = value
    match operator:
        case "literal":
            given = rest if isinstance(rest[0], str) else []
        case "match":
            given = rest[2::2] + rest[-1:]
        case "case" | "step":
            given = rest[1::2] + rest[-1:]
        case "coalesce" | "image":
            given = rest
        case "get" | "slice" | "to-string":
            given = []
        case _:
            raise AssertionError(f"an icon is named by '{operator}', of which this test knows nothing")
    return set().union(*map(icons, given))


def check_icons(title, style):
    """Each icon that the style can name is in the sheet that comes with it."""
    sheet = fetch(f"{style['sprite']}.json")
    named = set()
    for layer in style["layers"]:
        properties = {**layer.get("layout", {}), **layer.get("paint", {})}
        for name in ICON_PROPERTIES:
            named |= icons(properties.get(name))
    missing = named - sheet.keys()
    assert len(named) > 1 and not missing, f"{title}: not in the sheet: {sorted(missing)}"


def show_all(style):
    for layer in style["layers"]:
        layer.setdefault("layout", {})["visibility"] = "visible"
    return style


def is_of_device(path):
    """Says whether a range of glyphs, FONT/FIRST-LAST.pbf, is one that phones have themselves."""
    first = int(path.rsplit("/", 1)[1].split("-")[0])
    return any(first in letters for letters in DEVICE_LETTERS)


def draw(pool, style, places):
    for name, place in places.items():
        png = pool.render(style, width=SIZE, height=SIZE, pixel_ratio=2.0, **place)
        Path(f"target/native-{style}-{name}.png").write_bytes(png)
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        assert picture.size == (2 * SIZE, 2 * SIZE), picture.size
        colors = picture.getcolors(1 << 24)
        assert len(colors) >= FEWEST_COLORS, f"{style} {name}: only {len(colors)} colours"
    return len(places)


def draw_all(pool, proxy):
    """Draws every layer that the caller may see; gives the number of pictures."""
    drawn = 0
    for style in STYLES:
        served = fetch(f"{proxy}/styles/{style}.json")
        check_icons(style, served)
        pool.register_style(f"{style}-all", json=show_all(served))
        drawn += draw(pool, f"{style}-all", PLACES_WITH_ALL)
    return drawn


def main(base, key=None):
    Proxy.upstream = urllib.parse.urlsplit(base).netloc
    proxy = listen(Proxy)
    pool = mapli.RenderPool()
    drawn = 0
    for style in STYLES:
        pool.register_style(style, url=f"{proxy}/styles/{style}.json")
        drawn += draw(pool, style, PLACES)
    if key:
        # At a port of its own: what everybody got is in the renderer's cache.
        drawn += draw_all(pool, listen(type("KeyedProxy", (Proxy,), {"key": key})))
    failed = [seen for seen in Proxy.seen if seen[0] not in (200, 204)]
    assert not failed, failed
    glyphs = [seen for seen in Proxy.seen if seen[1].startswith("/fonts/")]
    empty = [seen for seen in glyphs if seen[2] < EMPTY_GLYPHS_LEN and not is_of_device(seen[1])]
    assert glyphs and not empty, f"ranges without a glyph: {empty}"
    sprites = [seen for seen in Proxy.seen if seen[1].startswith("/sprites/")]
    tiles = [seen for seen in Proxy.seen if seen[1].startswith("/tiles/") and seen[0] == 200]
    assert sprites and len(tiles) > 10, (sprites, len(tiles))
    print(f"native: {drawn} pictures, {len(Proxy.seen)} requests, all answered")


main(*sys.argv[1:])
