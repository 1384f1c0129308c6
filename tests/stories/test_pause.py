# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""The operator holds mail back, and lets it go on."""

from test_sweeper import health, wait_for

SETTINGS = {"OVERDUE_AFTER": "2s", "SWEEP_INTERVAL": "300ms",
            "OUTBOX_AFTER": "300ms"}


def pause(rig, what="pause", **more):
    answer = rig.client.ask("POST", f"/api/queue/{what}", more)
    assert answer.status == 200, answer
    return answer.json


def reason(url):
    return url.get("/health").json["reason"]


def attempts(rig, ids):
    return {rig.client.job(job_id)["attempts"] for job_id in ids}


def test_all_mail(new_rig):
    """Nothing is sent, also after restarts; then everything, once."""
    rig = new_rig().start()
    rig.client.wait(rig.client.send(), "completed")
    told = pause(rig)
    assert told["paused"] and told["paused_since"] and told["domains"] == []
    since = told["paused_since"]
    ids = [rig.client.send(f"p{i}@example.com") for i in range(30)]
    wait_for(lambda: health(rig)["reason"] ==
             "sending is paused by the operator")
    assert reason(rig.client) == "sending is paused by the operator"
    assert rig.client.get("/ready").status == 200
    rig.worker.stop()
    rig.api.stop()
    rig.redis.stop()
    rig.redis.start()
    rig.api.start()
    rig.worker.start()
    wait_for(lambda: health(rig).get("paused_since"))
    ids.append(rig.client.send("late@example.com"))
    assert pause(rig)["paused_since"] == since
    wait_for(lambda: rig.queues.depth("email_tasks") == 31)
    wait_for(lambda: sweeps(rig) > 10)  # OVERDUE_AFTER is over
    assert attempts(rig, ids) == {0} and len(rig.sink.mails) == 1
    assert health(rig)["overdue"] == 0
    assert not pause(rig, "resume")["paused"]
    for job_id in ids:
        assert rig.client.wait(job_id, "completed", seconds=60)["attempts"] == 1
    assert len(rig.sink.mails) == 32
    wait_for(lambda: health(rig)["reason"] is None)
    assert reason(rig.client) is None


def sweeps(rig):
    """How often the sweeper has come by, by the lock it renews."""
    stats = rig.store().info("commandstats")
    return stats.get("cmdstat_xtrim", {"calls": 0})["calls"]


def test_a_domain(new_rig):
    """Its mail waits, whoever else is on it; all other mail goes on."""
    rig = new_rig().start()
    told = pause(rig, domain="Example.COM")
    assert [one["domain"] for one in told["domains"]] == ["example.com"]
    held = [rig.client.send("a@example.com"),
            rig.client.send(["b@example.com", "b@example.org"]),
            rig.client.send("c@example.org", cc="C <c@example.com>"),
            rig.client.send("d@example.com", body="x" * 300_000)]
    free = [rig.client.send("a@example.org"),
            rig.client.send("example.com@sub.example.com")]
    for job_id in free:
        rig.client.wait(job_id, "completed")
    queue = wait_for(lambda: waits(rig, 4))
    assert not queue["paused"]
    assert wait_for(lambda: health(rig)["paused_domains"]) == 1
    before = sweeps(rig)
    wait_for(lambda: sweeps(rig) > before + 10)
    assert attempts(rig, held) == {0} and len(rig.sink.mails) == 2
    assert health(rig)["overdue"] == 0
    told = pause(rig, "resume", domain="example.com")
    assert told == {"paused": False, "paused_since": None, "domains": []}
    for job_id in held:
        assert rig.client.wait(job_id, "completed", seconds=60)["attempts"] == 1
    assert len(rig.sink.mails) == 6
    assert not rig.store().keys("park*")


def waits(rig, mails):
    queue = rig.client.get("/api/queue").json
    return queue if queue["domains"][0]["waiting"] == mails else None


def test_a_pause_does_not_count_towards_giving_up(new_rig):
    rig = new_rig({"RETRY_FOR": "5s", "RETRY_BASE": "1s"}).start()
    rule = rig.sink.on("rcpt", reply="450 4.2.0 later", to="x@example.com")
    job_id = rig.client.send("x@example.com")
    rig.client.wait(job_id, "retrying")
    pause(rig, domain="example.com")
    wait_for(lambda: waits(rig, 1))
    rule.remove()
    before = sweeps(rig)
    wait_for(lambda: sweeps(rig) > before + 25)  # some 8 s: beyond RETRY_FOR
    pause(rig, "resume", domain="example.com")
    assert rig.client.wait(job_id, "completed", seconds=60)


def test_wrong_requests(rig, client):
    for body, field in (({"domain": "a b"}, "domain"), ({"domain": 3}, "domain"),
                        ({"domain": ""}, "domain"), ({"domian": "a.b"}, "")):
        answer = client.ask("POST", "/api/queue/pause", body)
        assert answer.status == 400, answer
        assert answer.json["details"][0]["field"] == field
    assert client.get("/api/queue/pause").status == 405
    assert client.get("/api/queue").json["paused"] is False
