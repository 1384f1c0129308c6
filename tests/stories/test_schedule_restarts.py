# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""A mail for later survives a restart of each service, also when RabbitMQ was
away as it was accepted. A RabbitMQ of our own, for others need theirs."""

import time
from datetime import datetime

import pytest
from shared_rabbitmq import Broker


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory):
    broker = Broker.new(tmp_path_factory.mktemp("rabbitmq"), dies_with_us=True)
    yield broker.rabbitmq
    broker.stack.stop()


def test_survives_restarts(rig, rabbitmq, client):
    def schedule(to):
        job_id = client.send(to, scheduled_at="in 12 seconds")
        next_at = client.job(job_id)["next_at"].replace("Z", "+00:00")
        return job_id, datetime.fromisoformat(next_at).timestamp()

    due = dict([schedule("one@example.com")])
    rabbitmq.keep_queues()
    rabbitmq.kill()
    due |= dict([schedule("two@example.com")])
    rig.worker.kill()
    rig.api.stop()
    rig.redis.kill()
    for service in (rig.redis, rabbitmq, rig.api, rig.worker):
        service.start()
    rig.wait_ready()
    for job_id in due:
        assert client.wait(job_id, seconds=60)["status"] == "completed"
    assert sorted(mail.recipients for mail in rig.sink.mails) == [
        ["one@example.com"], ["two@example.com"]]
    for mail in rig.sink.mails:
        assert mail.time >= min(due.values()) - 1, "early"
