# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""
Every secret there is, known to this story, in use at level debug; then each of
them wrong. None is in a log, a trace, /health, /metrics, what the command says,
a command line or an environment.
"""

import base64
import contextlib
import pathlib
import re
import subprocess
import urllib.parse

import pytest

from client import Client
from command import Command
from databases import Postgres
from keys import Keys
from live import Live
from relayed import wait_for
from rig import API, EVENTS, WORKER
from secure_relay import SecureRelay
from stack.answer import ask, says_ok

USER = "rider"
SECRETS = {name: f"canary-{name}/1~" for name in (
    "redis", "rabbitmq", "record", "smtp", "otlp")}
WRONG = {name: f"wrong-{secret}" for name, secret in SECRETS.items()}
TOLD = {  # what is said of a wrong one, where
    "redis": "WRONGPASS", "rabbitmq": "ACCESS_REFUSED",
    "record": "password authentication failed", "smtp": "535"}


def quoted(secret):
    return urllib.parse.quote(secret, safe="")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    postgres.start()
    postgres.ask(f"CREATE ROLE {USER} LOGIN PASSWORD '{SECRETS['record']}'")
    postgres.ask(f"CREATE DATABASE told OWNER {USER}")
    (postgres.data / "pg_hba.conf").write_text(
        f"local all {USER} scram-sha-256\nlocal all all trust\n")
    postgres.ask("SELECT pg_reload_conf()")
    yield postgres
    postgres.remove()


@pytest.fixture(scope="module")
def relay():
    relay = SecureRelay(mechanisms=("PLAIN",), login_in_clear=True,
                        secrets={USER: SECRETS["smtp"]})
    yield relay
    relay.stop()


@pytest.fixture(scope="module")
def broker_user(rabbitmq):
    """The shared RabbitMQ's, for this story."""
    user = f"rider-{id(rabbitmq)}"
    secret = "".join(f"\\x{{{ord(c):x}}}" for c in SECRETS["rabbitmq"])
    rabbitmq.evaluate(
        f'rabbit_auth_backend_internal:add_user(<<"{user}">>, '
        f'<<"{secret}"/utf8>>, <<"story">>)')
    yield user
    rabbitmq.evaluate(
        f'rabbit_auth_backend_internal:delete_user(<<"{user}">>, <<"story">>)')


def settings(rig, given, postgres, relay, collector, broker_user):
    """With `given` passwords, of every program."""
    return {
        "REDIS_URL": f"redis://{USER}:{quoted(given['redis'])}"
                     f"@127.0.0.1:{rig.redis.port}/0",
        "RABBITMQ_URL": f"amqp://{broker_user}:{quoted(given['rabbitmq'])}"
                        f"@127.0.0.1:{rig.rabbitmq.port}/{rig.vhost}",
        "DATABASE_URL": f"postgres:///told?host={postgres.place}&user={USER}"
                        f"&password={quoted(given['record'])}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS":
            f"authorization=Bearer%20{quoted(given['otlp'])}",
        "OTEL_BSP_SCHEDULE_DELAY": "100", "RECORD_INTERVAL": "50ms",
        "SMTP_PORT": str(relay.port), "SMTP_TLS": "off",
        "SMTP_USERNAME": USER, "SMTP_LOGIN_RETRY": "50ms",
        "AUTH": "required", "LOG_LEVEL": "debug", "LOG_RECIPIENTS": "on"}


@pytest.fixture(scope="module")
def new_secret_rig(postgres, relay, collector, broker_user, new_rig):
    """new_rig last: rigs end before what they depend on."""
    def make(given):
        rig = new_rig()
        rig.rabbitmq.evaluate(
            "rabbit_auth_backend_internal:set_permissions("
            f'<<"{broker_user}">>, <<"{rig.vhost}">>, <<".*">>, <<".*">>, '
            '<<".*">>, <<"story">>)')
        rig.redis.start()
        rig.store().acl_setuser(USER, True, passwords=[
            f"+{SECRETS['redis']}"], keys=["*"], channels=["*"],
            categories=["+@all"])
        rig.env |= settings(rig, given, postgres, relay, collector,
                            broker_user)
        rig.new_events()
        for service in (rig.api, rig.worker, rig.stack.services[-1]):
            service.env = dict(rig.env)
        rig.worker.env["SMTP_PASSWORD"] = given["smtp"]
        return rig
    return make


def programs(rig):
    return [service for service in rig.stack.services
            if service.name in ("api", "worker", "events")]


def said(rig, key=None):
    """All that this rig says to who looks, {where: bytes}."""
    found = {str(path): path.read_bytes()
             for path in (rig.folder / "log").glob("*.log")}
    for url in (rig.lighttpd.url, rig.worker.url):
        for path in ("/health", "/ready", "/metrics"):
            found[url + path] = Client(url, key).get(path).body
    for program in programs(rig):
        for name in ("cmdline", "environ", "comm"):
            path = pathlib.Path(f"/proc/{program.pid}/{name}")
            with contextlib.suppress(PermissionError):
                found[str(path)] = path.read_bytes()
    return found


def forms(secret):
    yield secret.encode()
    yield quoted(secret).encode()
    yield secret.encode("unicode_escape")  # as JSON may have it
    yield base64.b64encode(secret.encode())
    yield base64.b64encode(f"\0{USER}\0{secret}".encode())


def assert_told_nowhere(found, *secrets):
    for where, text in found.items():
        for secret in secrets:
            for form in forms(secret):
                assert form not in text, (where, secret)


@pytest.fixture(scope="module")
def right(new_secret_rig):
    return new_secret_rig(SECRETS).start()


def test_in_use(right, collector, postgres):
    keys = Keys(right)
    client = keys.client("admin")
    ticket = client.ask("POST", "/api/tickets").json["ticket"]
    with Live(f"{right.lighttpd.url}/ws?ticket={ticket}") as live:
        job_id = client.send("someone@example.com")
        assert live.event()["job_id"] == job_id
    job = client.wait(job_id, "completed")
    wait_for(lambda: postgres.tool(
        "psql", "-XAt", "-d", "told", "-c",
        f"SELECT 1 FROM job WHERE id = '{job['id']}'").strip() == "1",
        "recorded")
    wait_for(lambda: collector.requests, "traces")
    assert all(headers["authorization"] == f"Bearer {SECRETS['otlp']}".encode()
               .decode("latin-1") for _, headers, _ in collector.requests)
    found = said(right, client.key)
    for path in (f"/api/emails/{job_id}", f"/api/emails/{job_id}/why",
                 "/api/stats", "/api/jobs/history"):
        found[path] = client.get(path).body
    found["traces"] = b"".join(body for _, _, body in collector.requests)
    postrider = Command({name: right.env[name] for name in (
        "REDIS_URL", "RABBITMQ_URL", "DATABASE_URL")} | {
            "POSTRIDER_URL": right.lighttpd.url, "PORT": str(right.worker.port),
            "POSTRIDER_API_KEY": client.key})
    for words in (["status"], ["doctor"], ["keys", "list"], ["show", job_id],
                  ["queue", "migrate", "--dry-run"]):
        told = postrider(*words)
        assert told.out
        found[f"postrider {words}"] = (told.out + told.err).encode()
    assert len([where for where in found if "environ" in where]) == 3
    secret = client.key.rpartition("_")[2]
    assert_told_nowhere(found, *SECRETS.values(), secret)
    # lighttpd's access log has no ticket of a later use: it is spent.
    assert_told_nowhere({where: text for where, text in found.items()
                         if "lighttpd" not in where}, ticket)


@pytest.mark.parametrize("name", TOLD)
def test_wrong(new_secret_rig, name):
    """One of them: it is told that it is, and not what it is."""
    rig = new_secret_rig(SECRETS | {name: WRONG[name]})
    # The API asks the record when it is asked for what Redis has not.
    teller = rig.worker if name in ("smtp", "record") else rig.api
    for service in (rig.api, rig.worker):
        service.ready = lambda: True
    rig.stack.start()
    if name == "smtp":
        key = Keys(rig)
        key.postrider.env["REDIS_URL"] = rig.redis.url
        key.client("send").post({"to": "a@b.example", "subject": "s",
                                 "text": "t"})
    for program in (teller, rig.worker):
        program.wait_until(
            lambda: TOLD[name] in program.log.read_text(errors="replace"), 60,
            f"telling {TOLD[name]}")
    where = rig.lighttpd.url if teller is rig.api else rig.worker.url
    wait_for(lambda: TOLD[name] in ask("GET", f"{where}/health").body.decode(),
             "told by /health")
    found = said(rig)
    postrider = Command({name: rig.env[name] for name in (
        "REDIS_URL", "RABBITMQ_URL", "DATABASE_URL")} | {
            "POSTRIDER_URL": rig.lighttpd.url, "PORT": str(rig.worker.port),
            "POSTRIDER_API_KEY": "pr_" + WRONG["smtp"]})
    for words in (["status"], ["doctor"], ["keys", "list"],
                  ["queue", "migrate", "--dry-run"]):
        told = postrider(*words)
        found[f"postrider {words}"] = (told.out + told.err).encode()
    assert_told_nowhere(found, *SECRETS.values(), WRONG[name], WRONG["smtp"])
    if name == "redis":  # what waits for its answer lets the worker end
        rig.store().acl_setuser(USER, True, passwords=[f"+{WRONG[name]}"])
        wait_for(lambda: says_ok(f"{rig.worker.url}/ready"), "let in")


GOOD = {"REDIS_URL": "redis://:x@127.0.0.1", "DATABASE_URL": "sqlite:///x",
        "RABBITMQ_URL": "amqp://a:b@127.0.0.1/v", "SMTP_PASSWORD": "x",
        "SMTP_TOKEN": "x", "OTEL_EXPORTER_OTLP_HEADERS": "a=b"}
OF_ALL = {"REDIS_URL"}
OF_SENDERS = OF_ALL | {"RABBITMQ_URL", "DATABASE_URL",
                       "OTEL_EXPORTER_OTLP_HEADERS"}


@pytest.mark.parametrize("program, known", [
    (API, OF_SENDERS), (EVENTS, OF_ALL),
    (WORKER, OF_SENDERS | {"SMTP_PASSWORD", "SMTP_TOKEN"})])
def test_each_may_be_in_a_file(program, known, tmp_path):
    """And the relay's are the worker's alone."""
    def run(*words, **env):
        ended = subprocess.run([program, *words], text=True, timeout=60,
                               capture_output=True, env=env)
        return ended.returncode, ended.stdout + ended.stderr
    assert set(re.findall(r"^  ([A-Z_]+) or its _FILE:", run("--help")[1],
                          re.M)) == known
    for name in known:
        file = tmp_path / name
        env = {f"{name}_FILE": str(file)}
        if name.startswith("SMTP_"):
            env |= {"SMTP_USERNAME": USER, "SMTP_TLS": "off"}
        status, told = run("-t", **env)
        assert status != 0 and f"{name}_FILE" in told, told
        file.write_text(GOOD[name] + "\n")
        assert run("-t", **env) == (0, "configuration ok\n"), name


@pytest.mark.parametrize("program", [API, WORKER, EVENTS])
@pytest.mark.parametrize("name, text", [
    ("REDIS_URL", "redis://rider:{}@127.0.0.1:port"),
    ("REDIS_URL", "rides://rider:{}@127.0.0.1"),
    ("RABBITMQ_URL", "http://rider:{}@127.0.0.1"),
    ("DATABASE_URL", "mysql://rider:{}@127.0.0.1/db"),
])
def test_ill_formed(program, name, text):
    """Settings that are refused are named, and not shown."""
    if program == EVENTS and name != "REDIS_URL":
        return  # it has no such setting
    secret = WRONG["redis"].replace("/", "-")
    ended = subprocess.run([program, "-t"], capture_output=True, timeout=60,
                           env={name: text.format(secret)})
    assert ended.returncode in (1, 2), ended
    told = ended.stdout + ended.stderr
    assert name.encode() in told
    assert_told_nowhere({"-t": told}, secret)
