#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Catches mail on port 1025 and tells of it on port 8025, as Mailpit does:
GET /api/v1/messages (newest first), /api/v1/message/{ID}, DELETE, /readyz. Kept
in the file MP_DATABASE, the newest MP_MAX_MESSAGES; of attachments their sizes.
"""

import email
import email.policy
import http.server
import json
import os
import signal
import sqlite3
import sys
import threading
import urllib.parse
import urllib.request

LOCK = threading.Lock()
MOST = int(os.environ.get("MP_MAX_MESSAGES", 500))


def opened():
    kept = sqlite3.connect(os.environ.get("MP_DATABASE", ":memory:"),
                           check_same_thread=False)
    kept.execute("CREATE TABLE IF NOT EXISTS mail"
                 "(id INTEGER PRIMARY KEY AUTOINCREMENT, seen TEXT)")
    return kept


def seen(envelope):
    message = email.message_from_bytes(envelope.original_content,
                                       policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return {
        "MessageID": str(message["Message-ID"] or "").strip("<>"),
        "From": {"Address": envelope.mail_from},
        "To": [{"Address": to} for to in envelope.rcpt_tos],
        "Subject": str(message["Subject"]),
        "Size": len(envelope.original_content),
        "Text": body.get_content() if body else "",
        "Attachments": [
            {"FileName": part.get_filename(),
             "ContentType": part.get_content_type(),
             "Size": len(part.get_payload(decode=True))}
            for part in message.iter_attachments()],
    }


class Mailbox:
    def __init__(self, kept):
        self.kept = kept

    async def handle_DATA(self, server, session, envelope):
        text = json.dumps(seen(envelope))
        with LOCK, self.kept:
            one = self.kept.execute("INSERT INTO mail(seen) VALUES (?)", [text])
            self.kept.execute("DELETE FROM mail WHERE id <= ?",
                              [one.lastrowid - MOST])
        return "250 2.0.0 Ok: queued"


class Page(http.server.BaseHTTPRequestHandler):
    kept = None

    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def found(self, rest, *values):
        with LOCK:
            return [{"ID": str(number), **json.loads(text)} for number, text in
                    self.kept.execute(f"SELECT id, seen FROM mail {rest}",
                                      values)]

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/api/v1/messages":
            mails = self.found("ORDER BY id DESC LIMIT ?",
                               int(asked.get("limit", 50)))
            for one in mails:  # a summary has their number
                one["Attachments"] = len(one["Attachments"])
            self.answer(200, json.dumps({"total": len(mails),
                                         "messages": mails}))
        elif url.path.startswith("/api/v1/message/"):
            mails = self.found("WHERE id = ?", url.path.rpartition("/")[2])
            self.answer(200 if mails else 404,
                        json.dumps(mails[0] if mails else None))
        else:
            self.answer(200, "ok")

    def do_DELETE(self):
        with LOCK, self.kept:
            self.kept.execute("DELETE FROM mail")
        self.answer(200, "ok")

    def log_message(self, *words):
        pass


def main():
    from aiosmtpd.controller import Controller
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # pid 1 has no default
    Page.kept = opened()
    Controller(Mailbox(Page.kept), hostname="0.0.0.0", port=1025).start()
    http.server.ThreadingHTTPServer(("0.0.0.0", 8025), Page).serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["readyz"]:
        urllib.request.urlopen("http://127.0.0.1:8025/readyz", timeout=5)
    else:
        main()
