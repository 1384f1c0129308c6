#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Takes traces by OTLP in JSON on port 4318, and tells of them on port 16686 as
Jaeger does: GET /api/services, /api/traces?service=NAME, /api/traces/{ID}. Only
what it takes whole is told. Port 14268, for Thrift, is there and takes nothing.
"""

import collections
import http.server
import json
import signal
import sys
import threading
import urllib.parse

KEPT = 20000  # traces
TRACES = collections.OrderedDict()  # id: [(service, span)]
LOCK = threading.Lock()


def value(attribute):
    return next(iter(attribute["value"].values()), "")


def jaeger_span(span, process):
    parent = span.get("parentSpanId")
    return {
        "traceID": span["traceId"],
        "spanID": span["spanId"],
        "operationName": span["name"],
        "references": [{"refType": "CHILD_OF", "traceID": span["traceId"],
                        "spanID": parent}] if parent else [],
        "startTime": int(span["startTimeUnixNano"]) // 1000,
        "duration": (int(span["endTimeUnixNano"])
                     - int(span["startTimeUnixNano"])) // 1000,
        "tags": [{"key": one["key"], "value": value(one)}
                 for one in span.get("attributes", ())],
        "processID": process,
    }


def jaeger_trace(trace_id):
    spans = TRACES[trace_id]
    processes = {name: f"p{number}" for number, name in enumerate(
        sorted({service for service, _ in spans}), 1)}
    return {
        "traceID": trace_id,
        "spans": [jaeger_span(span, processes[service])
                  for service, span in spans],
        "processes": {process: {"serviceName": name}
                      for name, process in processes.items()},
    }


def keep(export):
    found = []
    for resource in export["resourceSpans"]:
        service = next(value(one) for one in resource["resource"]["attributes"]
                       if one["key"] == "service.name")
        found += [(service, span) for scope in resource["scopeSpans"]
                  for span in scope["spans"]]
    with LOCK:
        for service, span in found:
            TRACES.setdefault(span["traceId"], []).append((service, span))
        while len(TRACES) > KEPT:
            TRACES.popitem(last=False)


def services():
    return sorted({service for spans in TRACES.values() for service, _ in spans})


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, document):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def log_message(self, *words):
        pass


class Collector(Handler):
    def do_POST(self):
        try:
            keep(json.loads(self.body()))
        except (KeyError, ValueError, StopIteration) as fault:
            self.answer(400, {"message": repr(fault)})
        else:
            self.answer(200, {"partialSuccess": {}})


class Thrift(Handler):
    def do_POST(self):
        self.body()
        self.answer(415, {"message": "no Thrift here"})


class Page(Handler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        last = url.path.rpartition("/")[2]
        with LOCK:
            if url.path == "/api/services":
                self.answer(200, {"data": services()})
            elif url.path == "/api/traces":
                found = [one for one, spans in reversed(TRACES.items()) if any(
                    service == asked.get("service") for service, _ in spans)]
                self.answer(200, {"data": [
                    jaeger_trace(one)
                    for one in found[:int(asked.get("limit", 20))]]})
            elif last in TRACES:
                self.answer(200, {"data": [jaeger_trace(last)]})
            else:
                self.answer(404 if "/api/" in url.path else 200, {"data": None})


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for port, handler in ((4318, Collector), (14268, Thrift)):
        threading.Thread(daemon=True, target=http.server.ThreadingHTTPServer(
            ("0.0.0.0", port), handler).serve_forever).start()
    http.server.ThreadingHTTPServer(("0.0.0.0", 16686), Page).serve_forever()


if __name__ == "__main__":
    main()
