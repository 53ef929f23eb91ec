"""MapLibre Native, as apps on Android and iOS have it inside, draws our styles; headless.

    native.py http://127.0.0.1:8400

Every request goes through a proxy that notes the answer: each must be a success, and each range of
glyphs must hold a glyph. Pictures are left in target/ for people to look at.
"""

import http.client
import io
import sys
import threading
import urllib.parse
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
SIZE = 600
FEWEST_COLORS = 40

# An empty range of glyphs: what the server gives for letters that no font of ours has.
EMPTY_GLYPHS_LEN = 64


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on and notes what came back."""

    upstream = None
    seen = []

    def do_GET(self):
        connection = http.client.HTTPConnection(self.upstream)
        headers = {name: self.headers[name] for name in ["Host", "Accept-Encoding"] if self.headers[name]}
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


def main(base):
    Proxy.upstream = urllib.parse.urlsplit(base).netloc
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    pool = mapli.RenderPool()
    for style in STYLES:
        pool.register_style(style, url=f"http://127.0.0.1:{proxy.server_port}/styles/{style}.json")
        for name, place in PLACES.items():
            png = pool.render(style, width=SIZE, height=SIZE, pixel_ratio=2.0, **place)
            Path(f"target/native-{style}-{name}.png").write_bytes(png)
            picture = Image.open(io.BytesIO(png)).convert("RGB")
            assert picture.size == (2 * SIZE, 2 * SIZE), picture.size
            colors = picture.getcolors(1 << 24)
            assert len(colors) >= FEWEST_COLORS, f"{style} {name}: only {len(colors)} colours"
    failed = [seen for seen in Proxy.seen if seen[0] not in (200, 204)]
    assert not failed, failed
    glyphs = [seen for seen in Proxy.seen if seen[1].startswith("/fonts/")]
    empty = [seen for seen in glyphs if seen[2] < EMPTY_GLYPHS_LEN]
    assert glyphs and not empty, f"ranges without a glyph: {empty}"
    sprites = [seen for seen in Proxy.seen if seen[1].startswith("/sprites/")]
    tiles = [seen for seen in Proxy.seen if seen[1].startswith("/tiles/") and seen[0] == 200]
    assert sprites and len(tiles) > 10, (sprites, len(tiles))
    print(f"native: {len(STYLES) * len(PLACES)} pictures, {len(Proxy.seen)} requests, all answered")


main(sys.argv[1])
