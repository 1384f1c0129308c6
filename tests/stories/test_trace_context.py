# SPDX-License-Identifier: MIT
"""A client's trace goes with its mail: to RabbitMQ, over retries and restarts,
and onto each line of the log about it."""

import json

import pytest

SETTINGS = {"LOG_FORMAT": "json"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
MAIL = {"to": "reader@example.com", "subject": "Traced", "body": "b\n"}


STATE = "vendor=opaque-1, other@tenant=2"


def post(client, traceparent, state=STATE, **fields):
    answer = client.post(MAIL | fields, headers={
        "traceparent": traceparent, "tracestate": state})
    assert answer.status == 201, answer
    return answer.json["job_id"]


def lines_about(rig, job_id):
    text = (rig.folder / "log" / "worker.log").read_text()
    return [line for line in map(json.loads, text.splitlines())
            if line.get("id") == job_id]


def test_rabbitmq_gets_it_as_a_header(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.start()
    traced = post(rig.client, PARENT)
    plain = rig.client.send()
    [(with_it, body), (without, other)] = rig.queues.take("email_tasks", 2)
    assert with_it.message_id == traced
    assert with_it.headers["traceparent"] == PARENT
    assert with_it.headers["tracestate"] == STATE
    assert json.loads(body)["content"]["traceparent"] == PARENT
    assert json.loads(body)["content"]["tracestate"] == STATE
    assert without.message_id == plain and "traceparent" not in (without.headers or {})
    assert not {"traceparent", "tracestate"} & json.loads(other)[
        "content"].keys()


@pytest.mark.parametrize("state", ["", "no member", "UPPER=1", "a=1,b",
                                   "a=b=c", f"a={'x' * 257}",
                                   ",".join(f"k{n}=1" for n in range(33)),
                                   ",".join(f"k{n}={'x' * 99}"
                                            for n in range(6))])
def test_a_state_that_is_none_is_not_carried(rig, client, state):
    """And changes nothing about the trace."""
    job_id = post(client, PARENT, state)
    client.wait(job_id)
    payload = json.loads(rig.store().hget(f"job:{job_id}", "payload") or "{}")
    assert "tracestate" not in payload
    rig.worker.wait_until(lambda: any(
        line["msg"] == "mail" for line in lines_about(rig, job_id)), 30, "done")
    assert {line["trace"] for line in lines_about(rig, job_id)} == {TRACE}


def test_a_retry_takes_the_state_along(new_rig):
    """Through the worker, up the ladder and back to the queue."""
    rig = new_rig({"RETRY_BASE": "2s"}).start()
    rig.sink.on("rcpt", reply="451 4.7.1 later", times=1)
    job_id = post(rig.client, PARENT)
    rig.client.wait(job_id, "retrying")
    assert rig.worker.stop() == 0
    [(message, body)] = rig.queues.take("email_tasks", 1)
    assert message.message_id == job_id
    assert message.headers["traceparent"] == PARENT
    assert message.headers["tracestate"] == STATE
    assert json.loads(body)["content"]["tracestate"] == STATE


@pytest.mark.parametrize("wrong", [
    "nonsense", PARENT.upper(), PARENT.replace(TRACE, "0" * 32),
    f"{PARENT}, {PARENT}"])
def test_what_is_none_is_no_fault_of_the_mail(rig, client, wrong):
    job_id = post(client, wrong)
    client.wait(job_id)
    rig.worker.wait_until(lambda: any(
        line["msg"] == "mail" for line in lines_about(rig, job_id)), 30, "done")
    assert not any("trace" in line for line in lines_about(rig, job_id))


def test_each_line_about_the_mail_has_it(rig, client):
    """Over a retry, and a restart of the worker while it waits for that."""
    job_id = post(client, PARENT, to="error-1@email.com")
    client.wait(job_id, "retrying", "completed")
    assert rig.worker.stop() == 0
    rig.worker.start()
    assert client.wait(job_id)["status"] == "completed"

    def ended():
        return [line["status"] for line in lines_about(rig, job_id)
                if line["msg"] == "mail"] == ["retrying", "completed"]
    rig.worker.wait_until(ended, 30, "done with it")
    assert {line.get("trace") for line in lines_about(rig, job_id)} == {TRACE}
    assert {line["msg"] for line in lines_about(rig, job_id)} == {
        "delivery", "session", "mail"}
