# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""Redis is down, loading, read-only, full, locked, slow or silent: what a
client gets, what health and the log say, and that all is sent once after it.
Waits are settings, all of them short here."""

import concurrent.futures

import pytest
import redis
from proxy import Proxy
from watch import Watch

SETTINGS = {"ACCEPT_TIMEOUT": "1000ms", "REDIS_TIMEOUT": "600ms",
            "RECONNECT_CAP": "300ms", "LOG_LEVEL": "info"}


class Story:
    def __init__(self, rig, proxy):
        self.rig = rig
        self.proxy = proxy
        self.watch = Watch(rig)
        self.redis = redis.Redis(port=rig.redis.port)

    def set(self, **values):
        for name, value in values.items():
            self.redis.config_set(name.replace("_", "-"), value)

    def in_hand(self, *to):
        """Mails whose dot was seen and is not answered yet: {id: to}, rule."""
        rule = self.rig.sink.on("dot", hold=True)
        # A sweep would take them out of the outbox, too.
        self.redis.set("sweeper:lock", "in_hand", ex=60)
        ids = self.watch.accepted(*to)
        self.watch.until(lambda: rule.holding == len(to))
        # The API has no more to tell Redis then.
        self.watch.until(lambda: not {
            entry.decode().split()[0]
            for entry in self.redis.zrange("outbox", 0, -1)} & set(ids))
        self.redis.delete("sweeper:lock")
        return ids, rule


@pytest.fixture(scope="module")
def story(new_rig):
    rig = new_rig()
    proxy = Proxy(rig.redis.port)
    url = f"redis://127.0.0.1:{proxy.port}/0"
    rig.api.env["REDIS_URL"] = rig.worker.env["REDIS_URL"] = url
    try:
        yield Story(rig.start(), proxy)
    finally:
        rig.stack.stop()
        proxy.stop()


@pytest.fixture
def watch(story):
    story.watch.fine()
    story.watch.begin()
    return story.watch


def test_down(story, watch):
    ids, held = story.in_hand("down-1@example.com", "down-2@example.com")
    story.rig.redis.kill()
    story.proxy.cut()
    held.remove()  # the relay has them; that waits to be noted
    watch.degraded("redis is away")
    assert "away" in watch.refused()
    assert story.rig.client.get("/api/jobs/history").status == 503
    story.rig.redis.start()
    watch.fine()
    watch.sent_once(ids | watch.accepted("down-3@example.com"))
    watch.told_once("redis is away", "redis is back")


def test_loading(story, watch):
    ids = watch.accepted("loading-1@example.com")
    watch.sent_once(ids)
    pipe = story.redis.pipeline()
    for n in range(6000):
        pipe.set(f"ballast:{n}", n)
    pipe.execute()
    story.rig.redis.stop()
    story.rig.redis.options = ["--key-load-delay", "500"]  # us
    story.rig.redis.spawn()
    watch.until(lambda: "LOADING" in watch.health("worker")["dependencies"]
                ["redis"].get("error", ""))
    watch.degraded("redis is away")
    watch.refused()
    watch.fine()
    story.rig.redis.options = []
    story.set(key_load_delay=0)
    watch.sent_once(watch.accepted("loading-2@example.com"))
    watch.told_once("redis is away", "redis is back")


def test_read_only(story, watch):
    ids, held = story.in_hand("replica-1@example.com")
    # No such primary: this one keeps its data and takes no writes.
    story.redis.replicaof("127.0.0.1", "1")
    held.remove()
    assert "read-only" in watch.refused()
    watch.until(lambda: watch.says("api", "redis takes no new jobs"))
    watch.until(lambda: watch.says("worker", "redis is away"))
    assert watch.ready("api") == watch.ready("worker") == 503
    for name in watch.services:
        error = watch.health(name)["dependencies"]["redis"]["error"]
        assert error.startswith("READONLY"), error
    story.redis.replicaof("NO", "ONE")
    watch.fine()
    watch.sent_once(ids | watch.accepted("replica-2@example.com"))
    watch.told_once("redis takes no new jobs", "redis takes new jobs again",
                    "api")
    watch.told_once("redis is away", "redis is back", "worker")


def test_full(story, watch):
    """New mail is refused; what was accepted goes its way to the end."""
    ids, held = story.in_hand("full-1@example.com", "full-2@example.com")
    story.set(maxmemory="1mb")
    assert "full" in watch.refused()
    watch.until(lambda: watch.says("api", "redis takes no new jobs"))
    health = watch.health("api")["dependencies"]["redis"]
    assert health["status"] == "refusing" and "OOM" in health["error"]
    assert watch.ready("api") == 503
    assert watch.says("worker", None) and watch.ready("worker") == 200
    held.remove()
    watch.sent_once(ids)  # settled meanwhile
    for _ in range(3):
        watch.refused()
    story.set(maxmemory="0")
    watch.fine()
    watch.sent_once(watch.accepted("full-3@example.com"))
    watch.told_once("redis takes no new jobs", "redis takes new jobs again",
                    "api")
    assert not watch.lines("worker", "level=warning")


def test_disk_refuses(story, watch):
    """MISCONF: a snapshot failed, and Redis takes no writes until one works."""
    obstacle = story.rig.redis.data / "dump.rdb"
    obstacle.mkdir()  # a file cannot be put there
    story.set(save="3600 1000")
    story.redis.bgsave()
    watch.until(lambda: story.redis.info("persistence")
                ["rdb_last_bgsave_status"] == "err")
    watch.refused()
    watch.until(lambda: watch.says("worker", "redis is away"))
    assert "MISCONF" in watch.health("api")["dependencies"]["redis"]["error"]
    obstacle.rmdir()
    story.redis.bgsave()
    watch.fine()
    story.set(save="")
    watch.sent_once(watch.accepted("disk@example.com"))
    watch.told_once("redis takes no new jobs", "redis takes new jobs again",
                    "api")
    watch.told_once("redis is away", "redis is back", "worker")


def test_password(story, watch):
    """The log says which setting it is about, and never what it holds."""
    story.set(requirepass="right")
    admin = redis.Redis(port=story.rig.redis.port, password="right")
    story.proxy.cut()
    watch.degraded("redis is away")
    for name in watch.services:
        watch.until(lambda: watch.lines(name, "stays away until a setting"))
        found = watch.health(name)["dependencies"]["redis"]
        assert found["error"].startswith("REDIS_URL: NOAUTH"), found
    watch.refused()
    other = story.rig.new_worker(
        "other", REDIS_URL=f"redis://:wr0ng@127.0.0.1:{story.rig.redis.port}")
    other.spawn()
    watch.until(lambda: "REDIS_URL: WRONGPASS" in other.log.read_text())
    assert "wr0ng" not in other.log.read_text()
    other.kill()
    admin.config_set("requirepass", "")
    watch.fine()
    watch.sent_once(watch.accepted("password@example.com"))
    for name in watch.services:
        assert len(watch.lines(name, "redis is away")) == 1
        assert len(watch.lines(name, "REDIS_URL: NOAUTH")) == 1
        assert len(watch.lines(name, "redis is back")) == 1


def test_not_durable(story, watch):
    """Asked for at each connect, for it may have changed by then."""
    story.set(appendfsync="everysec")
    story.proxy.cut()
    watch.degraded("redis can lose accepted mail", ready=(200, 200))
    for name in watch.services:
        found = watch.health(name)["dependencies"]["redis"]
        assert found["durable"] is False, found
        assert found["advice"] == "appendfsync always", found
        assert len(watch.lines(name, "appendfsync always")) == 1
    story.set(appendfsync="always")
    story.proxy.cut()
    watch.fine()


def test_slow_within_its_time(story, watch):
    story.proxy.delay("down", 0.3)  # each reply; REDIS_TIMEOUT is twice that
    ids = watch.accepted("slow-1@example.com", "slow-2@example.com")
    watch.sent_once(ids)
    story.proxy.delay("down", 0)
    for name in watch.services:
        assert not watch.lines(name, "redis is away"), name


def test_slow_beyond_its_time(story, watch):
    story.proxy.delay("down", 0.9)
    answer = watch.post("late@example.com")
    assert answer.status == 504, answer
    assert answer.json["name"] == "outcome_unknown"
    ids = {answer.json["job_id"]: "late@example.com"}
    watch.degraded("redis is away")
    for _ in range(3):
        watch.refused()
    story.proxy.delay("down", 0)
    watch.fine()
    watch.sent_once(ids)  # Redis had taken it: the job_id answers
    watch.told_once("redis is away", "redis is back")


def test_many_wait_for_a_slow_one(story, watch):
    """Who waits behind others gets an answer in time, too."""
    story.proxy.delay("down", 0.45)
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(watch.post, [f"many-{n}@example.com"
                                             for n in range(24)]))
    story.proxy.delay("down", 0)
    ids = {answer.json["job_id"]: f"many-{n}@example.com"
           for n, answer in enumerate(answers) if answer.status != 503}
    assert ids and {answer.status for answer in answers} <= {201, 202, 503}
    watch.fine()
    watch.sent_once(ids)


def test_silent(story, watch):
    """It takes the connection and the bytes, and says nothing."""
    ids, held = story.in_hand("silent-1@example.com")
    story.proxy.hold("down")
    answer = watch.post("silent-2@example.com")
    assert answer.status == 504, answer
    ids[answer.json["job_id"]] = "silent-2@example.com"
    watch.degraded("redis is away")
    watch.refused()
    held.remove()
    story.proxy.release("down")
    watch.fine()
    watch.sent_once(ids)
    watch.told_once("redis is away", "redis is back")


def test_reads_nothing(story, watch):
    """A mail that did not leave to its last byte was surely not kept."""
    story.proxy.hold("up")
    answer = story.rig.client.post({"to": "refused@example.com",
                                    "subject": "s", "body": "x" * (12 << 20)})
    assert answer.status == 503, answer
    watch.degraded("redis is away")
    story.proxy.cut()
    story.proxy.release("up")
    watch.fine()
    watch.sent_once(watch.accepted("read@example.com"))
    watch.told_once("redis is away", "redis is back")
