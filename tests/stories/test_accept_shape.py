# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""What accepting costs, counted without a clock: threads, fsyncs, commands."""

import json
import os
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import redis
from proxy import Proxy
from rig import BUILD
from syscalls import Trace

IN_HAND = 200
AT_ONCE = 64


def test_requests_in_hand_need_no_threads(new_rig, rabbitmq):
    proxy = Proxy(rabbitmq.port)
    rig = new_rig({"ACCEPT_TIMEOUT": "60s",
                   "MAX_REQUESTS": str(IN_HAND + 1)})  # and the look at them
    rig.api.env["RABBITMQ_URL"] = rig.amqp_url(proxy.port)
    rig.start()
    proxy.hold("down")  # the confirms
    try:
        with ThreadPoolExecutor(IN_HAND) as posters:
            posts = [posters.submit(rig.client.post, a_mail(i))
                     for i in range(IN_HAND)]
            wait_for(lambda: rig.client.history(limit=1)["total"] == IN_HAND)
            threads = len(os.listdir(f"/proc/{rig.api.pid}/task"))
            assert threads <= 12, f"{threads} threads"
            assert not any(post.done() for post in posts)
            proxy.release("down")
            assert Counter(post.result(30).status for post in posts) == {
                201: IN_HAND}
    finally:
        proxy.stop()


def test_posts_at_once_share_fsyncs(new_rig):
    rig = new_rig()
    rig.worker.start = lambda: None  # its own writes would be counted too
    rig.stack.services.remove(rig.worker)
    rig.start()
    with ThreadPoolExecutor(AT_ONCE) as posters:
        # Redis stands still until all have come: then it has one group.
        trace = Trace(rig.redis.pid, rig.folder / "fsyncs", "-e",
                      "trace=fsync,fdatasync")
        answers = list(posters.map(rig.client.post, map(a_mail, range(AT_ONCE))))
        assert Counter(answer.status for answer in answers) == {201: AT_ONCE}
        count = len(re.findall(r"sync\(", trace.end()))
    assert 0 < count < AT_ONCE, f"{count} fsyncs for {AT_ONCE} posts"


def test_a_history_page_costs_the_same(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.start()
    store = redis.Redis.from_url(rig.redis.url)
    accept = (BUILD / "lib" / "lua" / "plain" / "accept.lua").read_text()
    sha = store.script_load(accept)
    costs = []
    for total in (100, 50_000):
        fill(store, sha, total)
        assert rig.client.history(limit=100)["total"] == total
        store.config_resetstat()
        page = rig.client.history(limit=100)
        middle = rig.client.history(limit=50, cursor=page["next_cursor"]
                                    ) if page["next_cursor"] else None
        assert len(page["jobs"]) == 100 and page["total"] == total
        costs.append({name: stats["calls"] for name, stats
                      in store.info("commandstats").items()
                      if name not in ("cmdstat_info", "cmdstat_config|resetstat",
                                      "cmdstat_ping")})
        if middle is not None and total > 100:
            assert len(middle["jobs"]) == 50
    few, many = costs
    # The second page was read only where there was one.
    assert sum(many.values()) <= 2 * sum(few.values()) + 10, costs
    assert many["cmdstat_zrevrange"] <= 2, costs
    assert not {"cmdstat_keys", "cmdstat_scan"} & set(many), costs


def fill(store, sha, total):
    """Jobs by the script of the API itself, up to that many."""
    have = store.zcard("jobs:created")
    for start in range(have, total, 1000):
        pipe = store.pipeline(transaction=False)
        for i in range(start, min(start + 1000, total)):
            pipe.evalsha(sha, 0, f"job-{i:06}", json.dumps(["a@b.c"]), "s", "",
                         "{}", 0)
        pipe.execute()


def a_mail(i):
    return {"to": f"reader-{i}@example.com", "subject": "s", "body": "b"}


def wait_for(check, seconds=30):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, check
        time.sleep(0.02)
