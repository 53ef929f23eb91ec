"""A proxy that writes down what a client asks: a method and an address a line.

    tests/clients/http_log.py BASE_URL FILE

Prints its port. `Host` goes on as the client sent it, so that the links of an answer lead here, too.
"""

import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        with open(sys.argv[2], "a", encoding="utf-8") as log:
            log.write(f"{self.command} {self.path}\n")
        server = HTTPConnection(urlsplit(sys.argv[1]).netloc, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        server.request(self.command, self.path, headers=headers)
        answer = server.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        server.close()

    do_GET = do_HEAD = do_OPTIONS = pass_on

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(proxy.server_port, flush=True)
    proxy.serve_forever()
