# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 180
"""The line to RabbitMQ is cut, then silent, and RabbitMQ itself is well."""

from proxy import Proxy


def test_rabbitmq_is_cut_off(new_rig, rabbitmq):
    proxy = Proxy(rabbitmq.port)
    rig = new_rig({"ACCEPT_TIMEOUT": "300ms", "AMQP_TIMEOUT": "2s"})
    url = rig.amqp_url(proxy.port)
    rig.api.env["RABBITMQ_URL"] = rig.worker.env["RABBITMQ_URL"] = url
    try:
        rig.start()
        rig.client.wait(rig.client.send(), "completed")
        proxy.cut()
        job_id = rig.client.send("cut@example.com")
        rig.client.wait(job_id, "completed")
        proxy.hold("down")  # silent: accepted all the same, sent later
        answer = rig.client.post({"to": "silent@example.com", "subject": "s",
                                  "body": "b"})
        assert answer.status == 202, answer
        proxy.release("down")
        rig.client.wait(answer.json["job_id"], "completed")
        assert [mail.recipients[0] for mail in rig.sink.seen][1:] == [
            "cut@example.com", "silent@example.com"]
    finally:
        rig.stack.stop()
        proxy.stop()
