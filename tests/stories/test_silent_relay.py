# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""A relay that falls silent after one dot holds up that one mail, no other."""

import time

OTHERS = 500
SETTINGS = {"AMQP_HEARTBEAT": "2s", "SMTP_CONNECTIONS": "4",
            "PIPELINE_WAIT": "300ms"}


def test_others_flow_and_heartbeats_go_on(rig, client):
    held = rig.sink.on("dot", hold=True, to="silent@example.com")
    silent = client.send("silent@example.com")
    deadline = time.monotonic() + 20
    while not held.holding:
        assert time.monotonic() < deadline, "the relay never saw the dot"
        time.sleep(0.02)
    began = time.monotonic()
    ids = [client.send(f"other-{i}@example.com") for i in range(OTHERS)]
    rig.sink.wait(OTHERS, 60)
    for job_id in ids:
        client.wait(job_id, "completed")
    # Longer than two heartbeats may be missing: a silent client is cut off.
    while time.monotonic() - began < 7:
        time.sleep(0.1)
    assert client.job(silent)["status"] == "processing"
    log = rig.worker.log.read_text()
    assert log.count("rabbitmq is connected") == 2, log  # each link once
    assert "rabbitmq is away" not in log

    held.release()
    client.wait(silent, "completed")
    assert [mail.recipients[0] for mail in rig.sink.seen].count(
        "silent@example.com") == 1
