# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Clients as others have written them, over a restart: npm's ws, a browser."""

import http.server
import json
import os
import pathlib
import queue
import subprocess
import threading

import pytest
import redis

from stack import ports
from stack.process import Process
from test_live_resume import add

HERE = pathlib.Path(__file__).resolve().parent
COUNT = 2000
PATIENCE = 120  # s
PAGE = ports.free()
SETTINGS = {"ALLOWED_ORIGINS": f"http://127.0.0.1:{PAGE}"}


class Page:
    """A web server of one page, and what that page tells it."""

    def __init__(self):
        told = self.told = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, kind, body):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer("text/html",
                            (HERE / "follow.html").read_bytes())

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                told.put(json.loads(self.rfile.read(length)))
                self.answer("text/plain", b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PAGE),
                                                      Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Chromium(Process):
    def __init__(self, folder, url):
        super().__init__("chromium", folder, env={
            "PATH": os.environ["PATH"], "HOME": str(folder)},
            dies_with_us=True)
        self.url = url

    def argv(self):
        return ["/usr/bin/chromium", "--headless", "--no-sandbox",
                "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                "--no-first-run", "--disable-extensions",
                "--disable-background-networking", "--disable-crash-reporter",
                f"--user-data-dir={self.folder / 'chromium'}", self.url]


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.start()
    rig.store = redis.Redis(port=rig.redis.port, decode_responses=True)
    yield rig
    rig.store.close()


@pytest.fixture
def page():
    page = Page()
    yield page
    page.stop()


def add_over_a_restart(rig, follows, name):
    """The ids of all events; the first was there before."""
    first = add(rig.store, [0], name)
    yield first[0]
    ids = add(rig.store, range(1, COUNT // 2), name)
    follows()
    assert rig.events.stop() == 0
    ids += add(rig.store, range(COUNT // 2, COUNT), name)
    rig.events.start()
    yield ids


def test_npm_ws(rig):
    def follows():
        assert client.stdout.readline() == "follows\n"

    steps = add_over_a_restart(rig, follows, "node")
    client = subprocess.Popen(
        ["node", HERE / "follow.js",
         f"ws://127.0.0.1:{rig.lighttpd.port}/ws", next(steps),
         str(COUNT - 1)],
        env=os.environ | {"NODE_PATH": "/usr/share/nodejs"},
        stdout=subprocess.PIPE, text=True)
    try:
        ids = next(steps)
        got = json.loads(client.communicate(timeout=PATIENCE)[0])
    finally:
        client.kill()
        client.wait()
        client.stdout.close()
    assert got["ids"] == ids
    assert got["extensions"] == "permessage-deflate"
    assert got["codes"][0] == 1001 and got["codes"][-1] == 1000


def test_a_browser(rig, page):
    def follows():
        assert page.told.get(timeout=PATIENCE) == "follows"

    steps = add_over_a_restart(rig, follows, "browser")
    chromium = Chromium(
        rig.folder, f"http://127.0.0.1:{PAGE}/?url={rig.lighttpd.url}"
        f"&last={next(steps)}&count={COUNT - 1}")
    rig.stack.services.append(chromium)
    chromium.start()
    ids = next(steps)
    got = page.told.get(timeout=PATIENCE)
    chromium.stop()
    assert got["websocket"] == ids
    assert got["sse"] == ids
