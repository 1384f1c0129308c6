# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""
A mail's trace from its request to the relay's reply, over a retry: as a
collector gets it, as Elastic's server decodes it, as OpenTelemetry's schema has
it.
"""

import pytest
from google.protobuf import json_format

import published
from authority import Authority
from collector import as_protobuf_has_it, schema
from client import Client
from scrape import metrics
from secure_relay import SecureRelay

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
MAIL = {"to": "reader@example.com", "subject": "Traced", "body": "b\n"}
SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
STATE = "vendor=opaque-1,other@tenant=2"
EVENTS = ["smtp.mail", "smtp.rcpt", "smtp.data", "smtp.message", "smtp.dot",
          "smtp.reply"]


@pytest.fixture(scope="module")
def rig(new_rig, collector):
    return new_rig({
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "x-story=one,x-other=two",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=story",
    }).start()


def send(client, flags="01"):
    answer = client.post(MAIL, headers={
        "traceparent": f"00-{TRACE}-{PARENT}-{flags}", "tracestate": STATE})
    assert answer.status == 201, answer
    return answer.json["job_id"]


@pytest.fixture(scope="module")
def told(rig, collector):
    """(job id, Elastic's spans) of a mail that was put off once."""
    rig.sink.on("rcpt", reply="451 4.7.1 later", times=1)
    job_id = send(rig.client)
    assert rig.client.wait(job_id)["status"] == "completed"
    collector.wait(TRACE, 7)
    bodies = [body.decode() for _, _, body in collector.requests]
    traces = published.run("otlp_decode.js", given=bodies)
    spans = [span for trace in traces for resource in trace["resourceSpans"]
             for scope in resource["scopeSpans"] for span in scope["spans"]
             if span["traceId"] == TRACE]
    return job_id, spans


def by_name(spans, name):
    found = [span for span in spans if span["name"] == name]
    return sorted(found, key=lambda span: int(span["startTimeUnixNano"]))


def test_names_kinds_and_parents(told):
    _, spans = told
    assert len(spans) == 7
    [server] = by_name(spans, "POST /api/emails")
    [sent] = by_name(spans, "send email_tasks")
    [kept] = by_name(spans, "EVALSHA")
    first, second = by_name(spans, "process email_tasks")
    deferred, taken = by_name(spans, "SMTP")
    assert (server["kind"], server["parentSpanId"]) in (
        (SERVER, PARENT), ("SPAN_KIND_SERVER", PARENT))
    assert sent["parentSpanId"] == server["spanId"]
    assert kept["parentSpanId"] == sent["spanId"]
    for attempt in (first, second):
        assert attempt["parentSpanId"] == sent["spanId"]
    assert deferred["parentSpanId"] == first["spanId"]
    assert taken["parentSpanId"] == second["spanId"]
    assert not first.get("links")
    [link] = second["links"]
    assert (link["traceId"], link["spanId"]) == (TRACE, first["spanId"])
    assert len({span["spanId"] for span in spans}) == 7
    assert {span["traceState"] for span in spans} == {STATE}


def test_attributes_events_and_states(told):
    job_id, spans = told
    [server] = by_name(spans, "POST /api/emails")
    [sent] = by_name(spans, "send email_tasks")
    [kept] = by_name(spans, "EVALSHA")
    first, second = by_name(spans, "process email_tasks")
    deferred, taken = by_name(spans, "SMTP")

    def has(span, **wanted):
        for key, value in wanted.items():
            key = key.replace("__", ".").replace("_dot_", "_")
            assert str(span["attributes"][key]) == str(value), (key, span)
    has(server, http__request__method="POST", http__route="/api/emails",
        url__path="/api/emails", url__scheme="http",
        http__response__status_code=201, postrider__job_id=job_id)
    for span in (sent, first, second):
        has(span, messaging__system="rabbitmq", messaging__message__id=job_id,
            messaging__destination__name="email_tasks",
            messaging__rabbitmq__destination__routing_key="email_tasks")
    has(sent, messaging__operation__name="send",
        messaging__operation__type="send")
    has(second, messaging__operation__name="process",
        messaging__operation__type="process")
    has(kept, db__system__name="redis", db__operation__name="EVALSHA",
        db__stored_procedure__name="accept")
    has(first, error__type="deferred")
    has(deferred, error__type="451", smtp__connection__mail=1)
    has(taken, smtp__connection__mail=2, server__address="127.0.0.1")
    has(first, postrider__attempt__number=1, postrider__job__status="retrying")
    has(second, postrider__attempt__number=2,
        postrider__job__status="completed")
    has(deferred, smtp__reply__code=451, smtp__reply__text="451 4.7.1 later")
    has(taken, smtp__reply__code=250, smtp__recipients=1)
    assert [event["name"] for event in taken["events"]] == EVENTS
    assert [event["name"] for event in deferred["events"]] == [
        "smtp.connect", "smtp.mail", "smtp.rcpt", "smtp.data", "smtp.reply"]
    assert deferred["status"]["message"] == "451 4.7.1 later"
    assert not taken.get("status", {}).get("code")


def test_each_body_is_what_the_schema_says(told, collector, tmp_path_factory):
    request = schema(tmp_path_factory.mktemp("schema"))
    for path, headers, body in collector.requests:
        assert path == "/v1/traces"
        assert headers["Content-Type"] == "application/json"
        assert (headers["x-story"], headers["x-other"]) == ("one", "two")
        message = json_format.Parse(
            json_format.json.dumps(as_protobuf_has_it(
                json_format.json.loads(body))), request())
        for resource in message.resource_spans:
            attributes = {it.key: it.value.string_value
                          for it in resource.resource.attributes}
            assert attributes["deployment.environment.name"] == "story"
            assert attributes["service.name"] in (
                "postrider-api", "postrider-worker")
            for scope in resource.scope_spans:
                for span in scope.spans:
                    assert len(span.trace_id) == 16 and len(span.span_id) == 8
                    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano


def test_what_its_client_does_not_sample_is_not_told(rig, client, collector):
    before = len(collector.spans())
    client.wait(send(client, flags="00"))
    behind = client.send()  # a trace of its own
    client.wait(behind)
    [root] = wait_spans(rig, collector, before, 1, "POST /api/emails")
    mine = collector.wait(root["traceId"], 5)
    assert "parentSpanId" not in root
    assert {span["name"] for span in mine} == {
        "POST /api/emails", "send email_tasks", "EVALSHA",
        "process email_tasks", "SMTP"}
    assert TRACE not in {span["traceId"] for span in
                         collector.spans()[before:]}


def wait_spans(rig, collector, before, count, name):
    """Those of that name among what was told since, once there are so many."""
    found = []

    def are_there():
        found[:] = [span for span in collector.spans()[before:]
                    if span["name"] == name]
        return len(found) >= count
    rig.worker.wait_until(are_there, 30, "told")
    return found


def attributes(span):
    return {it["key"]: next(iter(it["value"].values()))
            for it in span["attributes"]}


def test_each_mail_of_a_batch_has_its_own_way(rig, client, collector):
    before = len(collector.spans())
    answer = client.ask("POST", "/api/emails/batch", [MAIL, MAIL], headers={
        "traceparent": f"00-{'b' * 32}-{PARENT}-01"})
    ids = {it["id"] for it in answer.json["data"]}
    for job_id in ids:
        client.wait(job_id)
    spans = collector.wait("b" * 32, 8)
    [root] = [span for span in spans
              if span["name"] == "POST /api/emails/batch"]
    sent = [span for span in spans if span["name"] == "send email_tasks_bulk"]
    taken = [span for span in spans
             if span["name"] == "process email_tasks_bulk"]
    [kept] = [span for span in spans if span["name"] == "EVALSHA"]
    assert root["parentSpanId"] == PARENT
    assert attributes(root)["postrider.batch.mails"] == "2"
    assert {span["parentSpanId"] for span in [*sent, kept]} == {root["spanId"]}
    assert {attributes(span)["messaging.message.id"] for span in sent} == ids
    assert {span["parentSpanId"] for span in taken} == {
        span["spanId"] for span in sent}


def test_each_route_has_a_server_span(rig, client, collector):
    before = len(collector.spans())
    job_id = client.send()
    client.wait(job_id)
    asked = [("GET", f"/api/emails/{job_id}", "/api/emails/{id}", 200),
             ("GET", f"/api/emails/{job_id}/why", "/api/emails/{id}/why", 200),
             ("GET", "/api/emails", "/api/emails", 200),
             ("GET", "/api/stats", "/api/stats", 200),
             ("GET", "/api/queue", "/api/queue", 200),
             ("GET", "/health", "/health", 200),
             ("GET", "/metrics", "/metrics", 200),
             ("HEAD", "/ready", "/ready", 200),
             ("POST", f"/api/emails/{job_id}/cancel",
              "/api/emails/{id}/cancel", 409),
             ("POST", "/api/emails/batch", "/api/emails/batch", 400),
             ("DELETE", "/api/emails", None, 405),
             ("GET", "/nowhere/at/all", None, 404)]
    for method, path, route, status in asked:
        name = f"{method} {route}" if route else method
        assert client.ask(method, path).status == status, (method, path)
        found = wait_spans(rig, collector, before, 1, name)
        last = attributes(found[-1])
        assert found[-1]["kind"] == SERVER
        assert last["http.request.method"] == method
        assert last.get("http.route") == route
        assert (last["url.path"], last["url.scheme"]) == (path, "http")
        assert last["http.response.status_code"] == str(status)


def test_the_first_mail_of_a_connection_tells_of_it(
        new_rig, collector, tmp_path_factory):
    """With STARTTLS: when there was a connection, and when it had its TLS."""
    authority = Authority(tmp_path_factory.mktemp("ca"))
    relay = SecureRelay(authority.certify("relay.pem", "127.0.0.1"))
    rig = new_rig({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                   "OTEL_BSP_SCHEDULE_DELAY": "100", "SMTP_CONNECTIONS": "1",
                   "SMTP_PORT": str(relay.port), "SMTP_TLS": "required",
                   "SMTP_CA": str(authority.file)}).start()
    try:
        told = []
        for number in (1, 2):
            trace = str(number) * 32
            answer = rig.client.post(MAIL, headers={
                "traceparent": f"00-{trace}-{PARENT}-01"})
            rig.client.wait(answer.json["job_id"])
            told += [span for span in collector.wait(trace, 5)
                     if span["name"] == "SMTP"]
        first, second = told
        assert [attributes(span)["smtp.connection.mail"]
                for span in told] == ["1", "2"]
        names = [event["name"] for event in first["events"]]
        assert names == ["smtp.connect", "smtp.tls", *EVENTS]
        times = [int(event["timeUnixNano"]) for event in first["events"]]
        assert times == sorted(times)
        assert times[-1] - times[0] < 60e9
        assert [event["name"] for event in second["events"]] == EVENTS
    finally:
        rig.worker.stop()
        relay.stop()


def test_without_a_collector_mail_goes_on(new_rig):
    rig = new_rig({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/",
                   "OTEL_BSP_SCHEDULE_DELAY": "100"}).start()
    worker = Client(rig.worker.url)
    for _ in range(3):
        assert rig.client.wait(rig.client.send())["status"] == "completed"
    rig.worker.wait_until(lambda: metrics(worker)[
        'spans_total{result="dropped"}'] >= 6, 30, "dropping")
    log = (rig.folder / "log" / "worker.log").read_text()
    assert log.count('msg="traces are dropped"') == 1
