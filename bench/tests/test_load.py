# SPDX-License-Identifier: MIT
"""
ctest bench.load: the client that holds a rate keeps to its plan whatever the
server does, and the relay tells which mails it took.
    test_load.py FOLDER_OF_THE_PROGRAMS
"""

import http.server
import json
import pathlib
import smtplib
import subprocess
import sys
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy"))

from stack import ports

BUILT = pathlib.Path(sys.argv.pop(1)).resolve()
STALL = 0.2  # s


class Server(http.server.ThreadingHTTPServer):
    """Answers the first mail late, keeps what it gets."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.mails = []
        self.lock = threading.Lock()
        self.now = self.most = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/api/emails"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with server.lock:
            server.mails.append(json.loads(body))
            first = len(server.mails) == 1
            server.now += 1
            server.most = max(server.most, server.now)
        if first:
            time.sleep(STALL)
        with server.lock:
            server.now -= 1
        self.send_response(500 if b"Mail 7" in body else 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Paced(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def post(self, rate, mails, at_once, size=100):
        said = subprocess.run(
            [BUILT / "bench_paced", self.server.url, str(rate), str(mails),
             str(at_once), str(size)], capture_output=True, text=True,
            check=True)
        return sorted(tuple(map(int, line.split()))
                      for line in said.stdout.splitlines())

    def test_the_plan_is_kept_whatever_the_answers_do(self):
        lines = self.post(rate=500, mails=50, at_once=50)
        start = lines[0][1]
        self.assertEqual([(number, due - start) for number, due, *_ in lines],
                         [(at, at * 2000) for at in range(50)])
        for _, due, begun, done, _ in lines:
            self.assertTrue(due <= begun <= done)

    def test_every_mail_is_posted_once_with_its_number_and_status(self):
        lines = self.post(rate=2000, mails=40, at_once=40, size=1000)
        self.assertEqual(sorted(it["subject"] for it in self.server.mails),
                         sorted(f"Mail {at}" for at in range(40)))
        self.assertEqual([line[-1] for line in lines],
                         [500 if at == 7 else 201 for at in range(40)])
        for mail in self.server.mails:
            self.assertGreater(len(mail["body"]), 900)

    def test_a_stall_is_charged_for_all_that_it_kept_waiting(self):
        lines = self.post(rate=1000, mails=20, at_once=1)
        self.assertEqual(self.server.most, 1)
        for number, due, _, done, _ in lines:  # none could go before its end
            self.assertGreaterEqual(done - due, STALL * 1e6 - number * 1000)

    def test_no_more_are_in_hand_than_said(self):
        self.post(rate=1e9, mails=60, at_once=3)
        self.assertLessEqual(self.server.most, 3)
        self.assertEqual(len(self.server.mails), 60)

    def test_who_does_not_answer_is_told(self):
        said = subprocess.run(
            [BUILT / "bench_paced", f"http://127.0.0.1:{ports.free()}/",
             "1000", "2", "2", "10"], capture_output=True, text=True,
            check=True)
        self.assertEqual([line.split()[-1] for line in said.stdout.splitlines()],
                         ["0", "0"])


class Relay(unittest.TestCase):
    def start(self, latency):
        port = ports.free()
        relay = subprocess.Popen(
            [BUILT / "bench_relay", str(port), str(latency)], text=True,
            stdout=subprocess.PIPE)
        self.addCleanup(relay.stdout.close)
        self.addCleanup(relay.wait)
        self.addCleanup(relay.kill)
        deadline = time.monotonic() + 20
        while not ports.answers(port, expect=b"220"):
            self.assertLess(time.monotonic(), deadline)
        return relay, port

    def test_it_tells_which_mail_it_took_when(self):
        relay, port = self.start(0)
        began = time.monotonic()
        with smtplib.SMTP("127.0.0.1", port) as client:
            for text in ("Subject: Mail 17\r\n\r\nSubject: no 18\r\n.\r\nx",
                         "From: a\r\nSUBJECT: 19\r\n\r\n", "\r\nno header"):
                client.sendmail("a@b.example", ["c@d.example"], text)
        lines = [relay.stdout.readline().split() for _ in range(3)]
        self.assertEqual([word for word, _ in lines], ["17", "19", "-"])
        for _, at in lines:
            self.assertTrue(began <= int(at) / 1e6 <= time.monotonic())

    def test_replies_leave_a_round_trip_later_and_together(self):
        relay, port = self.start(40)
        with smtplib.SMTP("127.0.0.1", port) as client:
            began = time.monotonic()
            client.send("EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
                        "DATA\r\nSubject: 5\r\n\r\n.\r\n")
            codes = [client.getreply()[0] for _ in range(5)]
            self.assertGreaterEqual(time.monotonic() - began, 0.04)
        self.assertEqual(codes, [250, 250, 250, 354, 250])
        self.assertEqual(relay.stdout.readline().split()[0], "5")


if __name__ == "__main__":
    unittest.main()
