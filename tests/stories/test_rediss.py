# SPDX-License-Identifier: MIT
"""Redis by TLS, where hiredis has it; where not, that is said at start."""

import subprocess

import pytest
from authority import Authority
from rig import API
from stack import ports
from test_live_sse import Sse


def has_tls(rig):
    checked = subprocess.run(
        [API, "-t"], env=rig.env | {"REDIS_URL": "rediss://localhost"},
        capture_output=True, text=True, check=False)
    if checked.returncode:
        assert "needs hiredis 1.0" in checked.stderr
    return checked.returncode == 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def rig(new_rig, authority):
    """Its Redis has one more port; None where there is no TLS."""
    rig = new_rig()
    if not has_tls(rig):
        rig.stack.services.clear()
        return None
    certificate = authority.certify("redis.pem", "127.0.0.1", "localhost")
    rig.redis.tls = ports.free()
    rig.redis.options = ["--bind", "127.0.0.1", "127.0.0.2",
                         "--tls-port", str(rig.redis.tls),
                         "--tls-cert-file", certificate,
                         "--tls-key-file", certificate,
                         "--tls-ca-cert-file", authority.file,
                         "--tls-auth-clients", "no"]
    rig.events = rig.new_events()
    return rig


def use(rig, host, ca):
    """The API knows the right one by its name."""
    for service in (rig.api, rig.worker, rig.events):
        named = service is rig.api and host == "127.0.0.1"
        service.env = service.env | {
            "REDIS_URL": f"rediss://{'localhost' if named else host}:"
                         f"{rig.redis.tls}/0" + (f"?ca={ca}" if ca else "")}


def test_mail_goes_and_is_told(rig, authority):
    if rig is None:
        return
    use(rig, "127.0.0.1", authority.file)
    rig.start()
    with Sse(rig.lighttpd.url) as sse:
        ids = [rig.client.send(f"tls-{i}@example.com", body="x" * 20_000)
               for i in range(20)]
        large = rig.client.send("large@example.com", body="x" * 2_000_000)
        for job_id in [*ids, large]:
            assert rig.client.wait(job_id)["status"] == "completed"
        assert sse.event()[2]["job_id"] == ids[0]
    rig.redis.stop()
    rig.redis.start()
    rig.wait_ready()
    assert rig.client.wait(rig.client.send())["status"] == "completed"


@pytest.mark.parametrize("host, trusted", [("127.0.0.1", False),
                                           ("127.0.0.2", True)])
def test_nobody_else_is_taken_for_it(rig, authority, host, trusted):
    if rig is None:
        return
    use(rig, host, authority.file if trusted else None)
    rig.stack.services.remove(rig.worker)  # it asks as events do
    rig.stack.start()
    for service in (rig.api, rig.events):
        service.wait_until(
            lambda: "certificate verify failed" in service.last_words(200),
            60, "telling why")
    assert rig.client.get("/ready").status == 503
