# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""The web servers by a name and TLS, beside a site that was there before."""

import json
import ssl
import subprocess

import pytest

from authority import Authority
from keys import Keys
from live import Live
from sites import NAME, OTHERS, SITES

SETTINGS = {"AUTH": "required"}
OTHER_NAME = "www.example.com"


@pytest.fixture(scope="module", params=SITES,
                ids=lambda site: site.__name__)
def rig(request, new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.authority = Authority(rig.folder)
    rig.site = request.param(
        rig.folder, rig.authority.certify("site.pem", NAME, OTHER_NAME),
        env=rig.env, dies_with_us=True)
    rig.stack.services.append(rig.site)
    return rig.start()


@pytest.fixture(scope="module")
def key(rig):
    return Keys(rig).add()


def curl(rig, path, *more, name=NAME):
    """What the site answers to a client that trusts the authority."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", rig.authority.file,
         "--noproxy", "*", "--resolve", f"{name}:{rig.site.port}:127.0.0.1",
         f"https://{name}:{rig.site.port}{path}", *more],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


def told(answer):
    assert answer.startswith("{"), answer
    return json.loads(answer)


def test_a_mail_is_taken_and_told_of(rig, key):
    bearer = ("-H", f"Authorization: Bearer {key}")
    ticket = told(curl(rig, "/api/tickets", *bearer, "-X", "POST",
                       "-H", "Content-Length: 0"))
    trust = ssl.create_default_context(cafile=rig.authority.file)
    with Live(f"wss://{NAME}:{rig.site.port}/ws?ticket={ticket['ticket']}",
              host="127.0.0.1", ssl=trust, server_hostname=NAME) as live:
        assert live.next()["type"] == "connection_status"
        made = told(curl(
            rig, "/api/emails", *bearer, "--json", json.dumps(
                {"to": "ada@b.example", "subject": "TLS", "body": "Hello\n"})))
        assert live.event()["job_id"] == made["id"]


def test_without_a_key_it_is_refused(rig):
    assert told(curl(rig, "/api/emails"))["statusCode"] == 401


def test_what_is_too_large_is_refused_as_json(rig, key, tmp_path):
    """Over HTTP/2 lighttpd ends the stream, and curl's answer is no answer."""
    (tmp_path / "large").write_bytes(b"x" * (21 << 20))
    refused = told(curl(
        rig, "/api/emails", "--http1.1", "-H", f"Authorization: Bearer {key}",
        "-H", "Expect:", "--json", f"@{tmp_path}/large"))
    assert refused["name"] == "payload_too_large"


def test_by_another_name_it_is_the_other_site(rig):
    assert curl(rig, "/index.html", name=OTHER_NAME) == OTHERS
