# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""RabbitMQ is down, silent, short of memory, full or locked, or loses a queue:
mail is accepted all the same, and sent once when it is back. A RabbitMQ of our
own, for others need theirs meanwhile; waits are settings, all short here."""

import concurrent.futures
import os
import signal

import pytest
from proxy import Proxy
from shared_rabbitmq import Broker
from watch import Watch

SETTINGS = {"ACCEPT_TIMEOUT": "1000ms", "REDIS_TIMEOUT": "980ms",
            "AMQP_TIMEOUT": "2s", "AMQP_HEARTBEAT": "2s",
            "RECONNECT_CAP": "300ms", "OUTBOX_CAP": "1s", "LOG_LEVEL": "info"}


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory):
    broker = Broker.new(tmp_path_factory.mktemp("rabbitmq"), dies_with_us=True)
    yield broker.rabbitmq
    broker.stack.stop()


@pytest.fixture(scope="module")
def redis_proxy(new_rig):
    rig = new_rig()
    proxy = Proxy(rig.redis.port)
    rig.api.env["REDIS_URL"] = f"redis://127.0.0.1:{proxy.port}/0"
    proxy.rig = rig
    try:
        rig.start()
        yield proxy
    finally:
        rig.stack.stop()
        proxy.stop()


@pytest.fixture
def rig(redis_proxy):
    return redis_proxy.rig


@pytest.fixture
def watch(rig):
    watch = Watch(rig)
    watch.fine()
    watch.begin()
    return watch


def queued(watch, to):
    """A mail accepted while RabbitMQ takes none: {id: to}."""
    ids = watch.accepted(to, status=202)
    for job_id in ids:
        assert watch.rig.client.job(job_id)["status"] == "queued"
    return ids


def test_down_at_accept_and_during_work(rig, rabbitmq, watch):
    held = rig.sink.on("dot", hold=True)
    ids = watch.accepted("in-hand-1@example.com", "in-hand-2@example.com")
    watch.until(lambda: held.holding == 2)
    rabbitmq.keep_queues()
    rabbitmq.kill()
    watch.degraded("rabbitmq is away", ready=(200, 503))
    held.remove()
    watch.sent_once(ids)  # Redis and the relay are enough for these
    ids |= queued(watch, "down@example.com")
    key = {"headers": {"Idempotency-Key": "down"}}
    mail = {"to": "key@example.com", "subject": "s", "body": "b"}
    first, again = [rig.client.post(mail, **key) for _ in range(2)]
    assert (first.status, again.status) == (202, 202)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    ids |= {first.json["job_id"]: mail["to"]}
    rabbitmq.start()
    watch.fine()
    watch.sent_once(ids | watch.accepted("back@example.com"))
    watch.told_once("rabbitmq is away", "rabbitmq is back")


def test_silent(rig, rabbitmq, watch):
    """Stopped: it takes bytes and says nothing, until heartbeats are missed."""
    pid = rabbitmq.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        ids = watch.accepted("silent-1@example.com", status=202)
        watch.degraded("rabbitmq is away", ready=(200, 503))
        ids |= queued(watch, "silent-2@example.com")
    finally:
        os.kill(pid, signal.SIGCONT)
    watch.fine()
    watch.sent_once(ids)
    watch.told_once("rabbitmq is away", "rabbitmq is back")


def test_silent_with_redis_slow(rig, rabbitmq, redis_proxy, watch):
    """Their waits do not add up beyond what a client was promised."""
    pid = rabbitmq.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        redis_proxy.delay("down", 0.85)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            first = pool.submit(watch.post, "both-1@example.com")
            watch.until(lambda: redis_proxy.waiting["down"])
            # It waits for Redis' answer to the first, for that to its own
            # mail, and for a confirm.
            second = pool.submit(watch.post, "both-2@example.com")
        answers = first.result(), second.result()
        assert [answer.status for answer in answers] == [202, 202], answers
        ids = {answer.json["job_id"]: f"both-{n}@example.com"
               for n, answer in enumerate(answers, 1)}
    finally:
        redis_proxy.delay("down", 0)
        os.kill(pid, signal.SIGCONT)
    watch.fine()
    watch.sent_once(ids)


def test_memory_alarm(rig, rabbitmq, watch):
    alarm = "{resource_limit, memory, node()}"
    rabbitmq.evaluate(f"rabbit_alarm:set_alarm({{{alarm}, []}})")
    # The broker says so to who publishes.
    ids = {watch.post("alarm-1@example.com").json["job_id"]:
           "alarm-1@example.com"}
    watch.until(lambda: watch.says("api", "rabbitmq takes no messages"))
    assert watch.ready("api") == 200
    health = watch.health("api")["dependencies"]["rabbitmq"]
    assert health["status"] == "blocked", health
    ids |= watch.accepted("alarm-2@example.com", "alarm-3@example.com",
                          status=202)
    rabbitmq.evaluate(f"rabbit_alarm:clear_alarm({alarm})")
    watch.fine()
    watch.sent_once(ids)
    watch.told_once("takes no messages now (memory or disk alarm)",
                    "rabbitmq takes messages again", "api")


def test_queue_is_full(rig, rabbitmq, watch):
    rig.sink.down()  # so that messages stay in their queue
    ids = watch.accepted("full-1@example.com", "full-2@example.com")
    watch.until(lambda: rig.queues.depth("email_tasks") == 2)
    rabbitmq.evaluate(
        f'rabbit_policy:set(<<"{rig.vhost}">>, <<"limit">>, '
        '<<"^email_tasks$">>, [{<<"max-length">>, 1}], 0, <<"queues">>, '
        '<<"story">>)')
    # A quorum queue may take a few more before it notices.
    watch.until(lambda: watch.post("full-3@example.com").status == 202)
    watch.until(lambda: watch.says("api", "rabbitmq takes no messages"))
    assert watch.ready("api") == 200
    ids |= queued(watch, "full-4@example.com")
    rabbitmq.evaluate(f'rabbit_policy:delete(<<"{rig.vhost}">>, <<"limit">>, '
                      '<<"story">>)')
    rig.sink.listen()
    watch.sent_once(ids)
    watch.fine()
    watch.accepted("full-5@example.com")
    watch.told_once("rabbitmq refuses messages",
                    "rabbitmq refuses no more messages", "api")


def test_queue_is_gone(rig, watch):
    """Declared anew, by who is told so first."""
    channel = rig.queues.channel()
    channel.queue_delete("email_tasks")
    channel.connection.close()
    answer = watch.post("gone-1@example.com")
    assert answer.status in (201, 202), answer
    ids = {answer.json["job_id"]: "gone-1@example.com"}
    watch.fine()
    watch.sent_once(ids | watch.accepted("gone-2@example.com"))


@pytest.mark.parametrize("user, vhost, why", [
    ("guest:wr0ng", None, "ACCESS_REFUSED"),
    ("guest:guest", "nowhere", "NOT_ALLOWED"),
])
def test_login(rig, watch, user, vhost, why):
    """The log says which setting it is about, and never what it holds."""
    other = rig.new_worker(
        f"other-{vhost}", RABBITMQ_URL=f"amqp://{user}@127.0.0.1:"
        f"{rig.rabbitmq.port}/{vhost or rig.vhost}")
    other.spawn()
    watch.until(lambda: "rabbitmq is away" in other.log.read_text())
    log = other.log.read_text()
    assert log.count("RABBITMQ_URL: log in at") == 1, log
    assert why in log and "wr0ng" not in log, log
    other.kill()
