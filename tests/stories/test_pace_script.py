# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 300
"""How fast mail may go, as the claims decide it, on a real Redis."""

import math

import pytest
from scripts import KEEP, mail, server, store
from test_sweep_script import sweep

assert server and store  # the fixtures
LEAVES = {"high": 0, "normal": 0.25, "bulk": 0.5}  # of a second's mails


class Pace:
    """Mails that ask, of one lane each; time that passes can be made up."""

    def __init__(self, store):
        self.store = store
        self.accepted = 0
        self.turns = {}  # of those that wait, by name

    def now(self):
        return self.store.once("queue", "show", "*")[0]

    def new(self, lane="normal", **fields):
        self.accepted += 1
        name = f"p{self.accepted}"
        self.store.once("accept", *mail(name, priority=lane, **fields))
        self.store.redis.hset(f"job:{name}", "next_at", 1)
        return name

    def ask(self, name, spec="*/10/0"):
        """"go", or its turn (ms of Redis TIME)."""
        answer = self.store.once("claim", name, "o1", "n1", 720_000, 0, KEEP,
                                 spec)
        self.turns.pop(name, None)
        if answer[0] == "claimed":
            return "go"
        assert answer[0] == "paced", answer
        self.turns[name] = answer[4]
        return answer[4]

    def ask_new(self, count, lane="normal", spec="*/10/0"):
        """(how many went, the turns of the rest)."""
        answers = [self.ask(self.new(lane), spec) for _ in range(count)]
        return answers.count("go"), [a for a in answers if a != "go"]

    def pass_time(self, ms, bucket="*"):
        """For the bucket and all that wait."""
        key = f"pace:{bucket}"
        fields = ("at", "high", "normal", "bulk")
        was = self.store.redis.hmget(key, fields)
        self.store.redis.hset(key, mapping={
            field: f"{float(value) - ms:.3f}"
            for field, value in zip(fields, was)})
        names = list(self.turns)
        pipe = self.store.redis.pipeline(transaction=False)
        for name in names:
            pipe.hget(f"job:{name}", "paced")
        for name, paced in zip(names, pipe.execute()):
            turn, spec = paced.split(" ", 1)
            self.turns[name] -= ms
            pipe.hset(f"job:{name}", "paced", f"{int(turn) - ms} {spec}")
        pipe.execute()


@pytest.fixture
def pace(store):
    return Pace(store)


@pytest.mark.parametrize("lane", LEAVES)
@pytest.mark.parametrize("rate", [0.02, 1, 10])
def test_at_first_as_many_go_as_the_lane_is_left(pace, lane, rate):
    since = pace.now()
    went, turns = pace.ask_new(30, lane, f"*/{rate}/0")
    most = 1 + rate * (1 - LEAVES[lane])
    came = rate * (pace.now() - since) / 1000
    assert math.floor(most) <= went <= most + came
    gaps = [after - before for before, after in zip(turns, turns[1:])]
    assert all(abs(gap - 1020 / rate) <= 1 for gap in gaps), gaps


def test_who_has_had_a_turn_goes_before_who_comes(pace):
    pace.ask_new(20)
    first = pace.new()
    turn = pace.ask(first)
    assert pace.ask(first) == turn  # it keeps its place
    later = [pace.ask(pace.new()) for _ in range(3)]
    assert turn < later[0] < later[1] < later[2]
    pace.pass_time(turn - pace.now() + 1)
    assert pace.ask(pace.new()) > 0  # there is a token, but others wait
    assert pace.ask(first) == "go"
    assert not pace.store.field("paced", first)


def test_a_turn_is_noted_and_burns_nothing(pace, store):
    pace.ask_new(20)
    name = pace.new()
    turn = pace.ask(name)
    before = store.redis.hgetall(f"job:{name}")
    assert before["status"] == "queued" and "attempt" not in before
    assert before["published_at"] == str(turn)
    assert store.redis.zscore("jobs:due", name) == turn + 60_000
    assert [one["status"] for one in store.history(name)] == ["queued"]
    found = sweep(store, judge=1, empty_for=0, overdue_after=0)
    assert name not in found["overdue"]
    # Sent again after a lost answer: the same turn, the same job.
    assert pace.ask(name) == turn
    assert store.redis.hgetall(f"job:{name}") == before


def test_a_repeated_claim_takes_one_token(pace, store):
    name = pace.new()
    assert pace.ask(name) == "go"
    tokens = store.redis.hget("pace:*", "tokens")
    assert pace.ask(name) == "go"
    assert store.redis.hget("pace:*", "tokens") == tokens


def test_a_high_mail_does_not_stand_behind_bulk(pace):
    went, turns = pace.ask_new(200, "bulk")
    assert went < 12 and len(turns) > 180
    assert pace.ask(pace.new("normal")) == "go"
    assert [pace.ask(pace.new("high")) for _ in range(3)] == ["go"] * 3


def test_no_lane_starves(pace):
    """Of each lane as much comes in half a minute as may go of all: each gets
    its share, all together the rate, and few are asked for again."""
    rate, went, asked, since = 10, dict.fromkeys(LEAVES, 0), 0, pace.now()
    lanes = {}
    for step in range(120):
        for lane in list(LEAVES) * (rate // 2) if step < 60 else ():
            lanes[pace.new(lane)] = lane
        if step == 60:
            assert went["high"] > went["normal"] > went["bulk"] > rate, went
        now = pace.now()
        for name in [name for name in lanes if pace.turns.get(name, 0) <= now]:
            asked += 1
            if pace.ask(name) == "go":
                went[lanes.pop(name)] += 1
        pace.pass_time(500)
    most = rate * (60 + (pace.now() - since) / 1000) + rate + 1
    assert 0.7 * rate * 60 < sum(went.values()) <= most, (went, most)
    assert asked < 4 * 900, asked


def test_another_rate_moves_the_line(pace, store):
    pace.ask_new(50, spec="*/0.1/0")
    name = pace.new()
    slow = pace.ask(name, "*/0.1/0")
    fast = pace.ask(name, "*/10/0")
    now = pace.now()
    assert (fast - now) * 50 < slow - now
    assert pace.ask(name, "*/10/0") == fast


def test_a_far_turn_is_looked_at_again(pace, store):
    for _ in range(10):
        name = pace.new()
        turn = pace.ask(name, "*/0.001/0")
    now = pace.now()
    assert turn <= now + 1_800_000
    assert int(store.field("paced", name).split()[0]) > now + 8_000_000


def test_a_mail_for_several_domains_takes_of_all_or_none(pace, store):
    spec = "*/10/0 a.example/10/0 b.example/0.01/0"
    assert pace.ask(pace.new(), spec) == "go"
    tokens = {name: float(store.redis.hget(f"pace:{name}", "tokens"))
              for name in ("*", "a.example")}
    assert pace.ask(pace.new(), spec) > pace.now() + 90_000
    for name, before in tokens.items():
        assert float(store.redis.hget(f"pace:{name}", "tokens")) >= before
    assert pace.ask(pace.new(), "*/10/0 a.example/10/0") == "go"


def test_mails_in_hand(pace, store):
    """So many at a time; who is settled makes place, however that was."""
    spec = "a.example/0/2"
    one, two, three = (pace.new() for _ in range(3))
    assert [pace.ask(one, spec), pace.ask(two, spec)] == ["go", "go"]
    assert pace.ask(one, spec) == "go"  # the same claim again
    turn = pace.ask(three, spec)
    assert turn > 0 and store.redis.zcard("pace:in:a.example") == 2
    seq = store.field("claim_seq", one)
    assert store.once("release", one, "o1", seq, "later", KEEP)[0] == "settled"
    pace.pass_time(70_000, "a.example")
    assert pace.ask(three, spec) == "go"
    assert store.redis.zrange("pace:in:a.example", 0, -1) == [two, three]
    assert pace.ask(pace.new(), spec) > 0


def test_mails_in_hand_for_long_are_asked_for_rarely(pace, store):
    spec = "a.example/0/1"
    assert pace.ask(pace.new(), spec) == "go"
    store.redis.zadd("pace:in:a.example", {"p1": 1})
    turns = [pace.ask(pace.new(), spec) for _ in range(3)]
    assert turns[2] - turns[1] == turns[1] - turns[0] == 60_000


def test_whom_it_is_for_is_told(pace, store):
    name = pace.new(cc='["c@d.example"]')
    answer = store.once("claim", name, "o1", "n1", 720_000, 0, KEEP, "?")
    assert answer[0] == "whom" and "a@b.c" in answer[1]
    assert "c@d.example" in answer[1] and store.status(name) == "queued"


def test_a_deadline_is_kept(pace, store):
    pace.ask_new(20)
    now = pace.now()
    name = pace.new(expires_at=str(now + 50))
    store.redis.zadd("jobs:expiring", {name: now - 1})
    pace.ask(name)
    store.redis.hset(f"job:{name}", "expires_at", now - 1)
    assert sweep(store)["expired"] == [name]
    assert store.field("reason", name) == "expired"
    assert store.status(name) == "failed"
