#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Catches mail on port 1025 and tells of it on port 8025, as Mailpit does:
GET /api/v1/messages (newest first), /api/v1/message/{ID}, DELETE, /readyz.
"""

import email
import email.policy
import http.server
import json
import sys
import urllib.request

CAUGHT = []


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.original_content,
                                           policy=email.policy.default)
        body = message.get_body(("plain", "html"))
        CAUGHT.append({
            "ID": str(len(CAUGHT) + 1),
            "MessageID": str(message["Message-ID"] or "").strip("<>"),
            "From": {"Address": envelope.mail_from},
            "To": [{"Address": to} for to in envelope.rcpt_tos],
            "Subject": str(message["Subject"]),
            "Text": body.get_content() if body else "",
        })
        return "250 2.0.0 Ok: queued"


class Page(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/api/v1/messages":
            found = CAUGHT[::-1]
            self.answer(200, json.dumps({"total": len(found),
                                         "messages": found}))
        elif path.startswith("/api/v1/message/"):
            found = [mail for mail in CAUGHT
                     if mail["ID"] == path.rpartition("/")[2]]
            self.answer(200 if found else 404, json.dumps(found[:1]))
        else:
            self.answer(200, "ok")

    def do_DELETE(self):
        CAUGHT.clear()
        self.answer(200, "ok")

    def log_message(self, *words):
        pass


def main():
    from aiosmtpd.controller import Controller
    Controller(Mailbox(), hostname="0.0.0.0", port=1025).start()
    http.server.ThreadingHTTPServer(("0.0.0.0", 8025), Page).serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["readyz"]:
        urllib.request.urlopen("http://127.0.0.1:8025/readyz", timeout=5)
    else:
        main()
