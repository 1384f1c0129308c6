# SPDX-License-Identifier: MIT
"""A collector of traces, and what the official schema says of what it got."""

import base64
import http.server
import importlib
import json
import re
import subprocess
import sys
import threading
import time

import published

ID_LENGTHS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


class Collector:
    """`hold`: it answers nothing until release()."""

    def __init__(self, address=("127.0.0.1", 0), hold=False):
        self.requests = []  # (path, headers, body)
        self.released = threading.Event()
        if not hold:
            self.released.set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.requests.append((self.path, self.headers, body))
                collector.released.wait()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(address, Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def spans(self):
        return [span | {"service": resource["resource"]["attributes"][0][
                    "value"]["stringValue"]}
                for _, _, body in list(self.requests)
                for resource in json.loads(body)["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def wait(self, trace, count, seconds=30):
        """The spans of that trace, once there are so many."""
        deadline = time.monotonic() + seconds
        while True:
            spans = [span for span in self.spans() if span["traceId"] == trace]
            if len(spans) >= count:
                return spans
            assert time.monotonic() < deadline, spans
            time.sleep(0.05)


def schema(folder):
    """ExportTraceServiceRequest, compiled from OpenTelemetry's own files."""
    published.install()
    root = published.MADE / "node_modules" / "@elastic" / "mockotlpserver"
    files = [str(path.relative_to(root)) for path in root.glob(
        "opentelemetry/proto/**/*.proto") if "trace" in path.name
        or path.name in ("common.proto", "resource.proto")]
    subprocess.run(["protoc", "-I.", f"--python_out={folder}", *files],
                   cwd=root, check=True, timeout=60)
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(
            "opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    finally:
        sys.path.remove(str(folder))
    return module.ExportTraceServiceRequest


def as_protobuf_has_it(value):
    """OTLP's one difference to protobuf's JSON: ids are hex, not base64."""
    if isinstance(value, list):
        return [as_protobuf_has_it(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, item in value.items():
        assert "_" not in key, key  # lowerCamelCase alone
        if key in ID_LENGTHS:
            assert re.fullmatch(f"[0-9a-f]{{{ID_LENGTHS[key]}}}", item), item
            item = base64.b64encode(bytes.fromhex(item)).decode()
        changed[key] = as_protobuf_has_it(item)
    return changed
