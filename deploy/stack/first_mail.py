# SPDX-License-Identifier: MIT
"""The demo's first mail: sent with curl, followed to its end, shown."""

import json
import pathlib
import shlex
import subprocess
import time

from .answer import ask
from .trouble import Trouble

PATIENCE = 60  # s
MAIL = {"to": "friend@example.com", "subject": "Greetings by Postrider",
        "body": "This mail went through the API, Redis, RabbitMQ, the worker\n"
                "and SMTP. Grüße!\n"}
ENDS = ("completed", "failed", "cancelled", "unknown")


def send(settings, tell):
    url = settings["API_URL"]
    job_id = post(f"{url}/api/emails", tell)
    job = follow(f"{url}/api/emails/{job_id}")
    tell(f"\nThe history of {job_id}:")
    for entry in job.get("history", []):
        tell("  {timestamp}  {status:<11} {message}".format_map(entry).rstrip())
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


def follow(url):
    """The job as it stands at its end, or when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while True:
        job = ask("GET", url).json
        if job["status"] in ENDS or time.monotonic() > deadline:
            return job
        time.sleep(0.1)


def show(folder, job_id, tell):
    for path in sorted(folder.glob("*.eml"), reverse=True):
        message = path.read_bytes()
        if job_id.encode() in message:
            tell(f"\nThe message as the catcher got it ({path}):")
            for line in message.decode(errors="replace").splitlines():
                tell(f"  {line}".rstrip())
            return
    raise Trouble(f"The mail is completed, but not in {folder}.")
