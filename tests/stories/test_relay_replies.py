# SPDX-License-Identifier: MIT
"""Anything at any step: what a relay may say or do, and what becomes of the
mail. One table; what a relay does beyond single replies is in
test_smtp_dialogue.py."""

import pytest

# A connection a mail, so that no mail meets what was said to another.
SETTINGS = {"SMTP_CONNECTIONS": "4", "SMTP_MAILS_PER_CONNECTION": "1",
            "SMTP_TIMEOUT": "1s", "SMTP_DOT_TIMEOUT": "1s",
            "SMTP_CONNECT_TIMEOUT": "1s", "RETRY_BASE": "100ms",
            "RECONNECT_BASE": "10ms", "RECONNECT_CAP": "50ms"}

CUT = object()


def fine(code):
    """What is meant to be said at a step."""
    return {354: "354 go", 220: "220 hi"}.get(code, f"{code} ok")


# What is said, given the code that would go on: text, bytes as they stand, or
# (CUT, what is said before).
ODDITIES = {
    "421": lambda code: "421 4.3.2 closing",
    "451": lambda code: "451 4.3.0 later",
    "452": lambda code: "452 4.3.1 full",
    "530": lambda code: "530 5.7.0 log in first",
    "550": lambda code: "550 5.7.1 no",
    "552": lambda code: "552 too much",
    "554": lambda code: "554 no",
    "251": lambda code: "251 will forward",
    "999": lambda code: "999 what",
    "lines": lambda code: f"{fine(code)}\n{fine(code)}",
    "bare LF": lambda code: fine(code).encode() + b"\n",
    "no CRLF": lambda code: fine(code).encode(),
    "NUL": lambda code: f"{code} o\0k\r\n".encode(),
    "100 KB": lambda code: f"{code} ".encode() + b"x" * 100_000 + b"\r\n",
    "endless": lambda code: f"{code}-more\r\n".encode() * 5000,
    "twice": lambda code: f"{fine(code)}\r\n".encode() * 2,
    "cut": lambda code: (CUT, ""),
    "half": lambda code: (CUT, f"{code} 2.0.0 o"),
}
STEPS = {"mail": 250, "rcpt": 250, "data": 354, "dot": 250}
# fine: as if nothing were. later: a second attempt. never: failed at the first.
# broken: the relay's fault, no attempt is counted. unknown: it may have been
# taken, so a second attempt, and it is told.
EXPECTED = {
    #           mail     rcpt      data      dot
    "421":     ("later", "later", "later", "later"),
    "451":     ("later", "later", "later", "later"),
    "452":     ("later", "later", "later", "later"),
    "530":     ("broken", "later", "later", "never"),
    "550":     ("never", "never", "never", "never"),
    "552":     ("never", "later", "never", "never"),
    "554":     ("never", "never", "never", "never"),
    "251":     ("fine", "fine", "later", "fine"),
    "999":     ("later", "later", "later", "unknown"),
    "lines":   ("fine", "fine", "fine", "fine"),
    "bare LF": ("fine", "fine", "fine", "fine"),
    "no CRLF": ("later", "later", "later", "unknown"),
    "NUL":     ("later", "later", "later", "unknown"),
    "100 KB":  ("later", "later", "later", "unknown"),
    "endless": ("later", "later", "later", "unknown"),
    "twice":   ("later", "later", "later", "fine"),
    "cut":     ("later", "later", "later", "unknown"),
    "half":    ("later", "later", "later", "unknown"),
}
# status, attempts begun, attempts failed, messages said to the relay (at the
# dot: one more, if there was an attempt more), times the outcome was unknown
OUTCOMES = {
    "fine":    ("completed", 1, 0, 1, 0),
    "broken":  ("completed", 1, 0, 1, 0),
    "later":   ("completed", 2, 1, 1, 0),
    "never":   ("failed", 1, 1, 0, 0),
    "unknown": ("completed", 2, 1, 1, 1),
}


def play(sink, step, oddity, code, **what):
    said = ODDITIES[oddity](code)
    if isinstance(said, tuple):
        what |= {"cut": True, "part": said[1]}
    else:
        what["reply"] = said
    return sink.on(step, times=1, **what)


def address(oddity, step):
    return f"{oddity.replace(' ', '-').lower()}-{step}@example.com"


def outcome(rig, job, to):
    messages = [entry["message"] for entry in job["history"]]
    return (job["status"], job["attempts"], job["retry_count"],
            len([mail for mail in rig.sink.seen if to in mail.recipients]),
            messages.count("outcome unknown"))


@pytest.fixture(scope="module")
def jobs(rig):
    """All cells at once: {address: job}, each at its end."""
    ids, rules = {}, []
    for oddity in ODDITIES:
        for step, code in STEPS.items():
            to = address(oddity, step)
            rules.append(play(rig.sink, step, oddity, code, to=to))
            # At MAIL the sender tells which cell it is.
            ids[to] = rig.client.send(to, **{"from": to})
    ended = {to: rig.client.wait(job_id) for to, job_id in ids.items()}
    assert [rule.hits for rule in rules] == [1] * len(rules)
    return ended


@pytest.fixture(scope="module")
def reused(new_rig):
    return new_rig({"SMTP_CONNECTIONS": "1",
                    "SMTP_MAILS_PER_CONNECTION": "1000"}).start()


@pytest.mark.parametrize("oddity", ODDITIES)
def test_in_a_transaction(rig, jobs, oddity):
    expected, found = {}, {}
    for step, name in zip(STEPS, EXPECTED[oddity]):
        status, attempts, failures, messages, unknown = OUTCOMES[name]
        if step == "dot" and name in ("later", "never", "unknown"):
            messages += 1
        expected[step] = (status, attempts, failures, messages, unknown)
        to = address(oddity, step)
        found[step] = outcome(rig, jobs[to], to)
    assert found == expected


@pytest.mark.parametrize("step, code", [("connect", 220), ("ehlo", 250),
                                        ("quit", 221)])
def test_outside_transactions(rig, client, step, code):
    """Whatever it is: no attempt is counted, and it comes right by itself."""
    rules = [play(rig.sink, step, oddity, code) for oddity in ODDITIES]
    ids = {address(oddity, step): client.send(address(oddity, step))
           for oddity in ODDITIES}
    for to, job_id in ids.items():
        assert outcome(rig, client.wait(job_id), to) == OUTCOMES["fine"], to
    for rule in rules:
        rule.wait_hit()


# Where one reply too many or an end of line too few puts us out of step.
AFTER_RSET = {"no CRLF": "later", "twice": "later"}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_at_rset(reused, oddity):
    """RSET comes before the mail after a refused one."""
    client, sink = reused.client, reused.sink
    refused, to = address(oddity, "refused"), address(oddity, "rset")
    sink.on("rcpt", reply="550 5.1.1 no", to=refused)
    assert client.wait(client.send(refused))["status"] == "failed"
    rule = play(sink, "rset", oddity, 250)
    job = client.wait(client.send(to))
    rule.wait_hit()
    expected = AFTER_RSET.get(oddity, "fine")
    assert outcome(reused, job, to) == OUTCOMES[expected]
