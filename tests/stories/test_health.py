# SPDX-License-Identifier: MIT
"""/health and /ready say what is true, before it hurts where that can be."""

import pytest

from client import Client


@pytest.fixture(scope="module")
def worker(rig):
    return Client(rig.worker.url)


def health(client):
    answer = client.get("/health")
    assert answer.status == 200
    return answer.json


def test_each_dependency_has_state_latency_and_since(client, worker):
    job = client.wait(client.send())
    for program in (client, worker):
        told = health(program)
        assert (told["status"], told["reason"]) == ("ok", None)
        for name, it in told["dependencies"].items():
            assert it["status"] == "up", (name, it)
            # A worker publishes only what is to be tried again.
            if (program, name) != (worker, "rabbitmq"):
                assert it["latency_ms"] >= 0, (name, it)
            # The relay is connected to for a mail.
            assert it["since"] <= job["updated_at"], (name, it)
        assert program.get("/ready").json == {"ready": True, "reason": None}


def test_since_is_when_it_went(client, rig):
    before = health(client)["dependencies"]["rabbitmq"]["since"]
    rig.redis.stop()
    rig.api.wait_until(lambda: health(client)["reason"] == "redis is away",
                       30, "degraded")
    away = health(client)["dependencies"]
    assert away["redis"]["status"] == "down" and away["redis"]["error"]
    assert away["redis"]["since"] > before
    assert away["rabbitmq"]["since"] == before
    rig.redis.start()
    # It is ready with its first connection, and well with its last: until
    # then Redis is not said to be up since it went.

    def well():
        told = health(client)
        redis = told["dependencies"]["redis"]
        assert (redis["since"] > away["redis"]["since"]) == (
            redis["status"] == "up"), redis
        return told["status"] == "ok"
    rig.api.wait_until(well, 30, "well")
    assert health(client)["dependencies"]["redis"]["since"] > (
        away["redis"]["since"])


def test_a_redis_that_is_nearly_full_is_told_in_time(client, rig):
    store = rig.store()
    used = store.info("memory")["used_memory"]
    # Some memory comes and goes: between 95 and 100 % there is room for it.
    store.config_set("maxmemory", int(used / 0.97))
    try:
        refused = client.get("/ready")
        assert refused.status == 503
        assert refused.json["message"] == "Redis is nearly full"
        told = health(client)
        assert (told["status"], told["reason"]) == (
            "degraded", "redis is nearly full")
        store.config_set("maxmemory", used * 4)
        assert client.get("/ready").status == 200
        store.config_set("maxmemory", used // 2)
        assert client.get("/ready").json["message"] == (
            "Redis takes no writes now")
        assert health(client)["dependencies"]["redis"]["status"] == "refusing"
    finally:
        store.config_set("maxmemory", 0)
    rig.wait_ready()
