# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""
OpenTelemetry's variables do what its specification says: where traces go, what
goes along, which are told, and how long a collector is waited for.
"""

import json
import secrets
import subprocess

import pytest

from client import Client
from collector import Collector
from rig import API, WORKER
from scrape import metrics

FAST = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NAMES = {"POST /api/emails", "send email_tasks", "EVALSHA",
         "process email_tasks", "SMTP"}


@pytest.fixture
def collect():
    made = []

    def make(*how, **more):
        made.append(Collector(*how, **more))
        return made[-1]
    yield make
    for collector in made:
        collector.stop()


def post(client, traceparent=None):
    answer = client.post(
        {"to": "reader@example.com", "subject": "Traced", "body": "b\n"},
        headers={"traceparent": traceparent} if traceparent else {})
    assert answer.status == 201, answer
    return answer.json["job_id"]


def parent(flags):
    return f"00-{TRACE}-00f067aa0ba902b7-{flags}"


def resources(collector):
    """{service: [attributes]} of what was told."""
    told = {}
    for _, _, body in list(collector.requests):
        for it in json.loads(body)["resourceSpans"]:
            values = [(at["key"], at["value"]["stringValue"])
                      for at in it["resource"]["attributes"]]
            told.setdefault(dict(values)["service.name"], []).append(values)
    return told


def test_what_older_deployments_have(new_rig, collect):
    """Jaeger's endpoint: OTLP to its host, and one line that says so."""
    host = f"127.{secrets.randbelow(250) + 2}.{secrets.randbelow(250)}.7"
    collector = collect((host, 4318))
    rig = new_rig(FAST | {"OTEL_EXPORTER_JAEGER_ENDPOINT":
                          f"http://{host}:14268/api/traces"}).start()
    for _ in range(2):
        rig.client.wait(post(rig.client, parent("01")))
    assert {span["name"] for span in collector.wait(TRACE, 10)} == NAMES
    assert {path for path, _, _ in collector.requests} == {"/v1/traces"}
    for name in ("api", "worker"):
        log = (rig.folder / "log" / f"{name}.log").read_text()
        [line] = [line for line in log.splitlines()
                  if "OTEL_EXPORTER_JAEGER_ENDPOINT" in line]
        assert f"endpoint=http://{host}:4318/v1/traces" in line
        assert "level=info" in line


def test_a_whole_url_headers_service_and_resource(new_rig, collect):
    collector, unused = collect(), collect()
    rig = new_rig(FAST | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": unused.url,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/other/path",
        "OTEL_EXPORTER_OTLP_HEADERS":
            "authorization=Bearer%20s3cret%2C1, x-tenant = one",
        "OTEL_SERVICE_NAME": "mail",
        "OTEL_RESOURCE_ATTRIBUTES":
            "service.name=not-this,team=a%2Cb,deployment.environment.name=test",
    }).start()
    rig.client.wait(post(rig.client, parent("01")))
    collector.wait(TRACE, 5)
    for path, headers, _ in collector.requests:
        assert path == "/other/path"
        assert headers["authorization"] == "Bearer s3cret,1"
        assert headers["x-tenant"] == "one"
    told = resources(collector)
    assert set(told) == {"mail"}
    for values in told["mail"]:
        assert len(dict(values)) == len(values)  # no key is there twice
        assert dict(values)["team"] == "a,b"
        assert dict(values)["deployment.environment.name"] == "test"
    assert not unused.requests
    for log in (rig.folder / "log").glob("*.log"):
        assert "s3cret" not in log.read_text(errors="replace")


def test_a_service_name_among_the_attributes(new_rig, collect):
    collector = collect()
    rig = new_rig(FAST | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{collector.url}/",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=letters"}).start()
    rig.client.wait(post(rig.client, parent("01")))
    collector.wait(TRACE, 5)
    assert set(resources(collector)) == {"letters"}


@pytest.mark.parametrize("sampler, ratio, roots, children", [
    ("parentbased_traceidratio", "0", False, True),
    ("parentbased_traceidratio", "1", True, True),
    ("parentbased_always_off", "", False, True),
    ("traceidratio", "0", False, False),
    ("always_off", "", False, False)])
def test_samplers(new_rig, collect, sampler, ratio, roots, children):
    """Of mails that begin a trace, and of those in a trace that is told."""
    collector = collect()
    rig = new_rig(FAST | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER": sampler,
        "OTEL_TRACES_SAMPLER_ARG": ratio}).start()
    rig.client.wait(post(rig.client, parent("00")))
    rig.client.wait(post(rig.client))
    rig.client.wait(post(rig.client, parent("01")))
    if children:
        assert {span["name"] for span in collector.wait(TRACE, 5)} == NAMES
    rig.worker.stop()  # what waits is told
    rig.api.stop()
    spans = collector.spans()
    mine = [span for span in spans if span["traceId"] == TRACE]
    others = {span["name"] for span in spans if span["traceId"] != TRACE}
    assert len(mine) == (5 if children else 0)
    assert (NAMES <= others) == roots
    assert roots or not others


def test_a_collector_that_does_not_answer(new_rig, collect):
    """It is waited for as long as OTEL_EXPORTER_OTLP_TIMEOUT says, by nobody
    but the thread that sends."""
    collector = collect(hold=True)
    rig = new_rig(FAST | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                          "OTEL_EXPORTER_OTLP_TIMEOUT": "300"}).start()
    assert rig.client.wait(post(rig.client))["status"] == "completed"
    worker = Client(rig.worker.url)
    rig.worker.wait_until(lambda: metrics(worker)[
        'spans_total{result="dropped"}'] >= 2, 30, "given up")
    log = (rig.folder / "log" / "worker.log").read_text()
    [line] = [line for line in log.splitlines()
              if 'msg="traces are dropped"' in line]
    assert "why=" in line and "imeout" in line


@pytest.mark.parametrize("name, wrong, why", [
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://c/", "http://"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "novalue", "key=value"),
    ("OTEL_RESOURCE_ATTRIBUTES", "a=1,=2", "key=value"),
    ("OTEL_TRACES_SAMPLER_ARG", "half", "0 to 1"),
    ("OTEL_TRACES_SAMPLER_ARG", "1.5", "0 to 1"),
    ("OTEL_TRACES_SAMPLER", "sometimes", "parentbased_traceidratio"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "number")])
def test_what_is_wrong_is_said_at_start(name, wrong, why):
    for program in (API, WORKER):
        run = subprocess.run([program, "-t"], env={name: wrong}, text=True,
                             capture_output=True, check=False, timeout=60)
        assert run.returncode != 0
        [line] = [line for line in run.stderr.splitlines() if name in line]
        assert why in line, line
