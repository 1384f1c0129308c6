# SPDX-License-Identifier: MIT
"""The demo's first mail: sent with curl, followed as it goes, shown."""

import http.client
import json
import pathlib
import shlex
import subprocess
import time
from urllib.parse import urlsplit

from .answer import ask
from .trouble import Trouble

PATIENCE = 60  # s
MAIL = {"to": "friend@example.com", "subject": "Greetings by Postrider",
        "body": "This mail went through the API, Redis, RabbitMQ, the worker\n"
                "and SMTP. Grüße!\n"}
ENDS = ("completed", "failed", "cancelled", "unknown")


def send(settings, tell):
    url = settings["API_URL"]
    with listen(url) as events:
        job_id = post(f"{url}/api/emails", tell)
        tell(f"\nWhat {url}/api/events tells of it, as it happens:")
        follow(events, job_id, tell)
    job = ask("GET", f"{url}/api/emails/{job_id}").json
    if job["status"] != "completed":
        raise Trouble(f"The mail was not sent within {PATIENCE} s: "
                      f"{job.get('last_error') or job['status']}")
    if "CATCHER_DIR" in settings:
        show(pathlib.Path(settings["CATCHER_DIR"]), job_id, tell)
    else:
        tell(f"{settings['SMTP_HOST']}:{settings['SMTP_PORT']} took it.")


def post(url, tell):
    curl = ["curl", "-sS", "--fail-with-body", "--noproxy", "*", url,
            "-H", "Content-Type: application/json",
            "-d", json.dumps(MAIL, ensure_ascii=False)]
    tell("\n$ " + shlex.join(curl[:2] + curl[5:]))
    said = subprocess.run(curl, capture_output=True, text=True, timeout=60,
                          check=False)
    tell(said.stdout.rstrip())
    try:
        return json.loads(said.stdout)["job_id"]
    except (ValueError, KeyError, TypeError):
        raise Trouble(f"The API did not accept the mail. "
                      f"{said.stderr.strip()}") from None


def listen(url):
    """The stream of events, from now on."""
    link = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    link.request("GET", "/api/events")
    reply = link.getresponse()
    if reply.status != 200:
        raise Trouble(f"{url}/api/events answers {reply.status}.")
    return reply


def follow(events, job_id, tell):
    """Tells each change of a job, up to its end or that of patience."""
    deadline = time.monotonic() + PATIENCE
    try:
        for line in events:
            if time.monotonic() > deadline:
                return
            field, _, value = line.decode().partition(": ")
            event = json.loads(value) if field == "data" else {}
            if event.get("job_id") != job_id:
                continue
            entry = event["history"][-1]
            tell("  {timestamp}  {status:<11} {message}".format_map(entry)
                 .rstrip())
            if event["status"] in ENDS:
                return
    except TimeoutError:
        pass  # the job itself says how far it came


def show(folder, job_id, tell):
    for path in sorted(folder.glob("*.eml"), reverse=True):
        message = path.read_bytes()
        if job_id.encode() in message:
            tell(f"\nThe message as the catcher got it ({path}):")
            for line in message.decode(errors="replace").splitlines():
                tell(f"  {line}".rstrip())
            return
    raise Trouble(f"The mail is completed, but not in {folder}.")
