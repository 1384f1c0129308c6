# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""Every answer that docs/openapi.yaml tells of is given, and nothing else is in
any of them: the last test here asks what was not seen by the others."""

import concurrent.futures
import contextlib

import pytest
from asker import (
    BATCH, EMAILS, EVENTS, HANDSHAKE, LIST, MAIL, REDRIVE, Asker, everywhere,
    sample)
from contract import Contract
from databases import Postgres
from keys import Keys
from live import Live
from proxy import Proxy
from recorded import Closing

ORIGIN = "https://shop.example"
SETTINGS = {"AUTH": "required", "MAX_REQUEST_KB": "64", "RECORD_INTERVAL": "50ms",
            "SWEEP_INTERVAL": "200ms", "ALLOWED_ORIGINS": ORIGIN,
            "RESUME_WAIT": "0", "REDIS_TIMEOUT": "1s", "RETRY_BASE": "60s"}
TWICE = [("Authorization", "Bearer another")]
ELSEWHERE = "192.0.2.0/24"  # RFC 5737: nobody comes from there
NOBODY = "01936f2e-54b1-7c3a-9d22-3f9c0a1be2d8"


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    database = Postgres(tmp_path_factory.mktemp("database"))
    with contextlib.closing(Closing(database)):
        yield database.start()


@pytest.fixture(scope="module")
def rig(new_rig, database):
    """What the API and the events server ask goes through proxies."""
    rig = new_rig({"DATABASE_URL": database.url})
    rig.database = database
    rig.proxies = {"redis": Proxy(rig.redis.port),
                   "rabbitmq": Proxy(rig.rabbitmq.port)}
    url = f"redis://127.0.0.1:{rig.proxies['redis'].port}/0"
    rig.api.env |= {"REDIS_URL": url, "RABBITMQ_URL": rig.amqp_url(
        rig.proxies["rabbitmq"].port)}
    rig.new_events(REDIS_URL=url)
    try:
        yield rig.start()
    finally:
        for proxy in rig.proxies.values():
            proxy.stop()


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


@pytest.fixture(scope="module")
def new_client(rig, contract, keys):
    """A client with a key of its own: new_client("read", rate="1/d")."""
    return lambda *args, **fields: Asker(contract, rig.lighttpd.url,
                                         keys.add(*args, **fields))


@pytest.fixture(scope="module")
def client(new_client):
    """It has a rate, whose headers are in most answers."""
    return new_client("admin", rate="1000/s", quota=1000000)


@pytest.fixture(scope="module")
def job_id(client):
    job_id = client.send()
    assert client.wait(job_id)["status"] == "completed"
    return job_id


def eventually(rig, what, look):
    rig.api.wait_until(look, 30, what)


# -- mails


def test_a_mail_with_everything(rig, client):
    client.good("POST", LIST, {"address": "gone@example.com"}, status=201)
    client.good("POST", LIST, {"address": "left@example.com", "list": "news",
                               "reason": "unsubscribe"}, status=201)
    mail = MAIL | {
        "from": "Shop <shop@example.com>", "to": "Ann <ann@example.com>",
        "cc": ["bob@example.com"], "bcc": "left@example.com",
        "reply_to": "help@example.com", "html": "<p>b</p>", "list": "news",
        "tags": [{"name": "kind", "value": "order"}], "metadata": {"n": 1},
        "headers": {"X-Shop": "1"}, "priority": "high",
        "unsubscribe": {"url": "https://example.com/u"},
        "attachments": [{"content": "AAA=", "filename": "a"},
                        {"content": [0, 255], "content_type": "a/b"}],
        "expires_at": "in 1 hour"}
    told = client.good("POST", EMAILS, mail, status=201,
                       headers={"traceparent": f"00-{'1' * 32}-{'2' * 16}-01",
                                "tracestate": "a=b"})
    assert [it["list"] for it in told["suppressed"]] == ["news"]
    job = client.wait(told["id"])
    assert job["tags"] and job["metadata"] and job["expires_at"], job
    assert client.good("GET", f"/api/emails/{told['id']}/why")["attempts"]
    told = client.good("POST", EMAILS, MAIL | {"to": "gone@example.com"}, 201)
    assert told["status"] == "failed"
    told = client.good("POST", EMAILS, {"to": "a@b.example", "subject": "s",
                                        "html": "<p>no text</p>"}, 201)
    assert told["warnings"]


def test_batches(client):
    gone = MAIL | {"to": "gone@example.com"}
    told = client.good("POST", BATCH, [MAIL, gone, {
        "to": "a@b.example", "subject": "s", "html": "<p>no text</p>"}], 201)
    assert told["suppressed"][0]["status"] == "failed" and told["warnings"]
    assert client.wait(told["data"][0]["id"])["priority"] == "bulk"
    permissive = {"x-batch-validation": "permissive"}
    answer = client.ask("POST", BATCH, [MAIL, {}], headers=permissive)
    assert (answer.status, len(answer.json["errors"])) == (201, 1)
    answer = client.ask("POST", BATCH, [{}], headers=permissive)
    assert (answer.status, answer.json["data"]) == (200, [])
    assert client.refused("POST", BATCH, [{}]) == (400, "validation_error")


@pytest.mark.parametrize("path, data, other", [
    (EMAILS, MAIL, MAIL | {"subject": "another"}),
    (BATCH, [MAIL], [MAIL, MAIL])])
def test_idempotency_keys(client, path, data, other):
    headers = {"Idempotency-Key": f"of {path}"}
    first = client.good("POST", path, data, 201, headers=headers)
    again = client.ask("POST", path, data, headers=headers)
    assert again.json == first
    assert again.headers["Idempotency-Replayed"] == "true"
    assert client.refused("POST", path, other, headers=headers) == (
        409, "invalid_idempotent_request")
    assert client.refused("POST", path, data, headers={
        "Idempotency-Key": "x" * 257}) == (400, "invalid_idempotency_key")


def change(client, job_id, how, data=None):
    if how == "patch":
        return client.ask("PATCH", f"/api/emails/{job_id}", data)
    return client.ask("POST", f"/api/emails/{job_id}/{how}", data)


def why_not(answer):
    return answer.status, answer.json["name"]


def test_changes(rig, client, job_id):
    later = client.send(scheduled_at="in 1 hour", expires_at="in 2 hours")
    assert client.job(later)["scheduled_at"]
    assert why_not(change(client, later, "patch", {
        "scheduled_at": "in 3 hours"})) == (409, "expired")
    assert change(client, later, "patch", {
        "scheduled_at": "in 90 minutes"}).status == 200
    assert why_not(change(client, later, "retry")) == (409, "wrong_status")
    assert change(client, later, "cancel").status == 200
    assert why_not(change(client, later, "patch", {
        "scheduled_at": "in 1 hour"})) == (409, "wrong_status")
    assert why_not(change(client, job_id, "cancel")) == (409, "wrong_status")


def test_a_mail_that_fails(rig, client):
    rule = rig.sink.on("rcpt", reply="550 5.7.1 not now", to="r@example.com")
    failed, lost, late = [client.send("r@example.com", **more) for more in (
        {}, {}, {"expires_at": "in 1 hour"})]
    for job in (failed, lost, late):
        assert client.wait(job)["status"] == "failed"
        attempt = client.good("GET", f"/api/emails/{job}/why")["attempts"][0]
        assert attempt["enhanced_code"] == "5.7.1"
    rule.remove()
    store = rig.store()
    store.hset(f"job:{lost}", "payload", "")  # as after FAILED_TTL
    assert why_not(change(client, lost, "retry")) == (409, "payload_lost")
    store.hset(f"job:{late}", "expires_at", "1")
    assert why_not(change(client, late, "retry")) == (409, "expired")
    assert change(client, failed, "retry", {
        "expires_at": "in 1 hour"}).status == 200
    assert client.wait(failed, "completed")["status"] == "completed"


def test_a_mail_that_waits_for_the_relay(rig, client):
    rule = rig.sink.on("rcpt", reply="451 4.7.1 later", to="w@example.com")
    job_id = client.send("w@example.com")
    assert client.wait(job_id, "retrying")["reason"] == "deferred"
    assert client.good("GET", f"/api/emails/{job_id}/why")["give_up_at"]
    rule.remove()
    held = rig.sink.on("dot", hold=True, to="h@example.com")
    job_id = client.send("h@example.com")
    client.wait(job_id, "processing")
    told = client.good("GET", f"/api/emails/{job_id}/why")
    assert told["held_by"]["until"] and told["attempts"][0]["ended_at"] is None
    held.remove()


def test_redrives(client):
    asked = {"status": "failed", "reason": "suppressed", "rate": 1,
             "since": "2025-01-01T00:00:00Z", "until": "2125-01-01T00:00:00Z",
             "to": "example.com"}
    told = client.good("POST", REDRIVE, asked | {"dry_run": True})
    assert told["count"] >= 1 and told["sample"]
    told = client.good("POST", REDRIVE, asked)
    path = f"{REDRIVE}/{told['id']}"
    assert client.good("GET", path)["id"] == told["id"]
    assert client.good("POST", f"{path}/cancel")["state"] in ("cancelled", "done")


def test_lists_of_mails(rig, client, job_id):
    page = client.good("GET", "/api/jobs/history?limit=1")
    assert len(page["jobs"]) == 1
    client.good("GET", f"/api/jobs/history?limit=1&cursor={page['next_cursor']}")
    query = "status=completed&reason=rejected&to=ann@example.com&subject=s" \
        "&tag=kind:order&since=2025-01-01T00:00:00Z&until=2125-01-01T00:00:00Z"
    for path in ("/api/jobs/history", EMAILS):
        assert "recorded_until" in client.good("GET", f"{path}?{query}")
    client.good("GET", f"{EMAILS}?limit=1&after={job_id}")
    client.good("GET", f"{EMAILS}?before={job_id}")
    with rig.database.away():
        for path in ("/api/jobs/history", EMAILS):
            eventually(rig, "incomplete", lambda path=path: client.good(
                "GET", path).get("incomplete"))


# -- the rest


def test_suppressions(client, job_id):
    entry = {"address": "evidence@example.com", "reason": "complaint",
             "reply": "it is junk", "job_id": job_id, "list": "news",
             "occurred_at": "2025-01-01T00:00:00Z", "expires_at": "in 30 days"}
    client.good("POST", LIST, entry, 201)
    client.good("POST", LIST, entry, 200)
    page = client.good("GET", f"{LIST}?limit=1")
    assert page["has_more"]
    client.good("GET", f"{LIST}?limit=1&cursor={page['next_cursor']}")
    client.good("GET", f"{LIST}?address=example.com&list=*&reason=manual")
    taken = client.good("DELETE", f"{LIST}?address=evidence@example.com"
                        "&list=news&reason=complaint")
    assert taken["data"][0]["removed_by"]
    assert client.good("GET", f"{LIST}?removed=true")["data"]
    assert client.refused("DELETE", f"{LIST}?address=evidence@example.com") == (
        404, "not_found")


def test_the_queue(client):
    for name in ({"domain": "held.example"}, {}, None):
        assert client.good("POST", "/api/queue/pause", name)["domains"]
    told = client.good("GET", "/api/queue")
    assert told["paused_since"] and told["domains"][0]["paused_since"]
    assert client.good("GET", "/health")["paused"]
    client.good("POST", "/api/queue/resume", {"domain": "held.example"})
    assert not client.good("POST", "/api/queue/resume")["paused"]


def test_stats(rig, client):
    eventually(rig, "measured", lambda: client.good(
        "GET", "/api/stats")["queue"]["lanes"]["bulk"])
    eventually(rig, "tallied", lambda: (client.good(
        "GET", "/api/stats")["accept_to_sent_ms"] or {}).get("mails"))


def test_events(rig, client):
    for path in EVENTS:
        ticket = client.good("POST", "/api/tickets", status=201)["ticket"]
        headers = HANDSHAKE if path == "/ws" else {}
        answer = client.ask("GET", f"{path}?ticket={ticket}&status=failed",
                            headers=headers | {"Origin": ORIGIN})
        assert answer.status == (101 if path == "/ws" else 200), answer
        assert client.refused("GET", path, headers=headers | {
            "Origin": "https://elsewhere.example"}) == (
                403, "origin_not_allowed")
    assert client.refused("GET", "/ws") == (426, "upgrade_required")


def test_messages_of_a_websocket(rig, client, contract):
    schema = contract.document["components"]["schemas"]["EventMessage"]

    def take(live, kind):
        message = live.next(kind)
        contract.check_value(schema, message, "EventMessage")

    def say(live, message):
        said = contract.document["components"]["schemas"]["ClientMessage"]
        assert not contract.faults(said, message)
        live.say(message)

    ticket = client.good("POST", "/api/tickets", status=201)["ticket"]
    with Live(f"{rig.lighttpd.url}/ws?ticket={ticket}") as live:
        take(live, "connection_status")
        say(live, {"type": "ping"})
        take(live, "pong")
        live.say({"type": "nonsense"})
        take(live, "error")
        say(live, {"type": "subscribe", "status": ["queued", "completed"]})
        take(live, "subscribed")
        job_id = client.send()
        take(live, "job_created")
        take(live, "job_status_update")
        say(live, {"type": "subscribe_job", "job_id": job_id})
        take(live, "subscribed")
        say(live, {"type": "resume", "last_event_id": "9999999999999-0"})
        take(live, "resume_failed")


def test_what_needs_no_key(rig, contract, client, job_id):
    anybody = Asker(contract, rig.lighttpd.url)
    for path in ("/health", "/ready"):
        anybody.good("GET", path)
    assert client.ask("GET", "/metrics").status == 200
    assert client.ask("GET", "/api/openapi.yaml").status == 200


def test_heads(contract, client, job_id):
    """HEAD is what GET is, without the body."""
    for key in contract.operations:
        if key[0] == "GET" and key[1] not in EVENTS:
            _, target, _, _ = sample(key, job_id)
            get, head = client.ask("GET", target), client.ask("HEAD", target)
            assert (get.status, head.body) == (head.status, b""), key
            assert set(get.headers) == set(head.headers), key


# -- errors, of all operations that have them


def test_400(contract, client, job_id):
    """A header that matters comes twice; of events, a key is in the URL."""
    for key in contract.operations:
        method, target, data, headers = sample(key, job_id)
        wrong = {"twice": TWICE}
        if target in EVENTS:
            target, wrong = f"{target}?key=pr_1", {}
        answer = client.ask(method, target, data, headers=headers, **wrong)
        assert answer.status == 400, (key, answer)


def test_401(rig, contract, job_id):
    for key in (None, f"pr_{'0' * 16}_{'0' * 64}"):
        names = {None: "missing_api_key"}.get(key, "invalid_api_key")
        asker = Asker(contract, rig.lighttpd.url, key)
        for operation in everywhere(contract, asker, 401, job_id):
            assert (*operation, "401", names) in contract.seen


def test_403(contract, new_client, job_id):
    everywhere(contract, new_client("admin", networks=ELSEWHERE), 403, job_id)
    client = new_client("send", domains="good.example")
    for path, data in ((EMAILS, MAIL | {"from": "a@bad.example"}),
                       (BATCH, [MAIL | {"from": "a@bad.example"}])):
        assert client.refused("POST", path, data) == (403, "validation_error")


@pytest.mark.parametrize("scope", ["send", "read", "admin"])
def test_scopes(contract, new_client, scope, job_id):
    """A key opens what the document says, and nothing else."""
    client = new_client(scope)
    for key in contract.operations:
        method, target, data, headers = sample(key, job_id)
        answer = client.ask(method, target, data, headers=headers)
        opens = scope == "admin" or set(contract.roles(key) or ()) <= {scope}
        assert (answer.status != 403) == opens, (key, answer)


def test_404(contract, client):
    everywhere(contract, client, 404, NOBODY)
    assert client.refused("GET", "/api/nothing") == (404, "not_found")


def test_405(client):
    answer = client.ask("DELETE", EMAILS)
    assert answer.headers["Allow"] == "POST, GET, HEAD"


def test_411(client):
    answer = client.ask("POST", EMAILS, length="none")
    assert why_not(answer) == (411, "validation_error")


def test_413(contract, client, job_id):
    everywhere(contract, client, 413, job_id, length=65 * 1024)


def test_415(contract, client, job_id):
    keys = [key for key in contract.operations
            if 415 in contract.statuses(key)]
    for key in keys:
        method, target, _, _ = sample(key, job_id)
        assert client.refused(method, target, {}, headers={
            "Content-Type": "text/plain"}) == (
                415, "unsupported_media_type"), key


def test_429(contract, new_client, job_id):
    client = new_client("admin", rate="1/d")
    client.good("GET", "/api/queue")
    everywhere(contract, client, 429, job_id)
    for path, data in ((EMAILS, MAIL), (BATCH, [MAIL])):
        client = new_client("send", quota=1)
        client.good("POST", path, data, 201)
        assert client.refused("POST", path, data) == (
            429, "daily_quota_exceeded")


def test_500(rig, client):
    """What only a bug would leave in Redis."""
    rig.store().set(f"redrive:{NOBODY}", "no hash")
    assert client.refused("GET", f"{REDRIVE}/{NOBODY}") == (
        500, "internal_error")


# -- outages


@contextlib.contextmanager
def held(rig, client):
    """Redis is told and says nothing; until then all was well."""
    for path in ("/ready", "/api/queue"):
        eventually(rig, "well", lambda path=path: client.ask(
            "GET", path).status == 200)
    rig.proxies["redis"].hold("down")
    try:
        yield
    finally:
        rig.proxies["redis"].release("down")
        eventually(rig, "back", lambda: client.ask(
            "GET", "/ready").status == 200)


def test_504(rig, contract, client):
    for key in contract.operations:
        if 504 not in contract.statuses(key):
            continue
        later = client.send(scheduled_at="in 1 hour")
        method, target, data, _ = sample(key, later)

        def is_unknown():
            with held(rig, client):
                answer = client.ask(method, target, data)
            return client.only(answer, 503, 504).status == 504

        eventually(rig, key, is_unknown)


def test_the_web_server_alone(rig, client):
    """The API ends with a request in hand, and is no more."""
    with held(rig, client), concurrent.futures.ThreadPoolExecutor() as pool:
        asked = pool.submit(client.refused, "POST", EMAILS, MAIL)
        eventually(rig, "asked", lambda: rig.proxies["redis"].waiting["down"])
        rig.api.kill()
        assert asked.result()[1] == "outcome_unknown"
        assert client.refused("GET", "/health") == (503, "service_unavailable")
        rig.proxies["redis"].release("down")
        rig.api.start()


def test_202(rig, client):
    """RabbitMQ is away."""
    rig.proxies.pop("rabbitmq").stop()
    eventually(rig, "away", lambda: client.good("GET", "/health")[
        "dependencies"]["rabbitmq"].get("error"))
    headers = {"Idempotency-Key": "kept"}
    for path, data in ((EMAILS, MAIL), (BATCH, [MAIL])):
        for _ in range(2):
            client.good("POST", path, data, 202, headers=headers)
        headers = {"Idempotency-Key": "another"}


def test_503(rig, contract, client, job_id):
    with rig.database.away():
        eventually(rig, "without a record", lambda: client.ask(
            "GET", f"{EMAILS}?to=example.com").status == 503)
        assert client.good("GET", "/health")["dependencies"]["record"]["error"]
    rig.proxies.pop("redis").stop()
    eventually(rig, "away", lambda: client.ask(
        "GET", "/metrics").status == 503)  # that needs nothing but a key
    everywhere(contract, client, 503, job_id)
    assert client.good("GET", "/health")["dependencies"]["redis"]["error"]


# -- the end


def test_all_that_is_told_was_seen(contract):
    unseen = contract.wanted() - contract.seen - {
        # No rule of this lighttpd says it: test_openapi.py holds its page.
        ("default", "forbidden")}
    told = [item for item in unseen if item[0] != "header"]
    told += [item[2] for item in unseen if item[0] == "header"]
    assert not told, "\n".join(map(str, sorted(map(str, told))))
