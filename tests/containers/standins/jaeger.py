#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes traces and keeps none; its page on 16686 answers."""

import http.server
import threading


class Sink(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *words):
        pass


for port in (4318, 14268):
    threading.Thread(daemon=True, target=http.server.ThreadingHTTPServer(
        ("0.0.0.0", port), Sink).serve_forever).start()
http.server.ThreadingHTTPServer(("0.0.0.0", 16686), Sink).serve_forever()
