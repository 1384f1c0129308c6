# SPDX-License-Identifier: MIT
"""RabbitMQ by TLS: mail goes as by TCP, and nobody else is taken for it."""
# ctest: TIMEOUT 240

import pytest
from authority import Authority
from shared_rabbitmq import Broker, ports, stop

ATTACHMENT = 300_000  # bytes: more than a frame, and travels by id


def with_tls(folder, certificate, ca):
    """A broker of our own that speaks TLS on one more port."""
    at = {name: ports.free() for name in ("rabbitmq", "epmd", "dist")}
    broker = Broker(folder, at, dies_with_us=True)
    tls = ports.free()
    broker.rabbitmq.options = (
        f"listeners.ssl.1 = 127.0.0.1:{tls}\n"
        f"ssl_options.cacertfile = {ca}\n"
        f"ssl_options.certfile = {certificate}\n"
        f"ssl_options.keyfile = {certificate}\n"
        "ssl_options.verify = verify_none\n")
    broker.rabbitmq.tls = tls
    broker.stack.start()
    return broker


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory, authority):
    """Instead of the one that stories share."""
    folder = tmp_path_factory.mktemp("rabbitmq")
    broker = with_tls(folder, authority.certify("broker.pem", "localhost"),
                      authority.file)
    yield broker.rabbitmq
    broker.stack.stop()
    stop(folder)


def use(rig, host, ca):
    env = {"RABBITMQ_URL": f"amqps://guest:guest@{host}:{rig.rabbitmq.tls}/"
                           f"{rig.vhost}"}
    if ca:
        env["RABBITMQ_CA"] = str(ca)
    for service in (rig.api, rig.worker):
        service.env = service.env | env


@pytest.fixture(scope="module")
def rig(new_rig, authority):
    rig = new_rig()
    use(rig, "localhost", authority.file)
    return rig.start()


def test_mail_goes(rig, client):
    ids = [client.send(f"amqps-{i}@example.com", body="x" * 5000)
           for i in range(50)]
    for job_id in ids:
        assert client.wait(job_id)["status"] == "completed"
    large = client.send("large@example.com", body="x" * ATTACHMENT)
    assert client.wait(large)["status"] == "completed"


def test_a_retry_and_a_failure_go(client):
    """Up the ladder, and with a reason to email_tasks_failed."""
    again, never = client.send("error-1@email.com"), client.send(
        "error@email.com")
    assert client.wait(again)["status"] == "completed"
    assert client.wait(never)["status"] == "failed"


def test_the_broker_is_gone_and_back(rig, client):
    rig.rabbitmq.stop()
    job_id = client.send("later@example.com")
    rig.rabbitmq.start()
    assert client.wait(job_id, seconds=90)["status"] == "completed"


@pytest.mark.parametrize("host, ca, why", [
    ("127.0.0.1", True, "is for another name"),
    ("localhost", False, "RABBITMQ_CA"),
])
def test_nobody_else_is_taken_for_it(new_rig, authority, host, ca, why):
    rig = new_rig()
    use(rig, host, authority.file if ca else None)
    rig.stack.services.remove(rig.worker)
    rig.stack.start()
    rig.api.wait_until(
        lambda: why in rig.api.last_words(200), 60, "telling why")
    answer = rig.client.post({"to": "a@b.example", "subject": "s",
                              "body": "b"})
    assert answer.status == 202
    assert "guest:guest" not in rig.api.last_words(1000)


def test_no_tls_is_spoken_there(new_rig, authority):
    rig = new_rig()
    use(rig, "localhost", authority.file)
    rig.api.env["RABBITMQ_URL"] = rig.amqp_url().replace(
        "amqp://", "amqps://").replace("127.0.0.1", "localhost")
    rig.stack.services.remove(rig.worker)
    rig.stack.start()
    rig.api.wait_until(
        lambda: "no TLS is spoken" in rig.api.last_words(200), 60,
        "telling why")
