# SPDX-License-Identifier: MIT
"""POST /api/emails/redrive: many mails that failed are tried again."""

PATH = "/api/emails/redrive"


def test_redrive(rig, client):
    rule = rig.sink.on("rcpt", reply="550 5.7.1 not now")
    ids = [client.send(f"re-{i}@{domain}.example")
           for i in range(3) for domain in ("good", "bad")]
    for job_id in ids:
        assert client.wait(job_id)["status"] == "failed"
    rule.remove()
    ask = {"status": "failed", "reason": "rejected", "to": "good.example"}
    answer = client.ask("POST", PATH, ask | {"dry_run": True})
    assert (answer.status, answer.json["count"]) == (200, 3), answer
    assert sorted(answer.json["sample"]) == sorted(ids[::2])
    answer = client.ask("POST", PATH, ask | {"rate": 100})
    told = answer.json
    assert (told["object"], told["state"], told["count"]) == (
        "redrive", "running", 3), answer
    assert told["started_at"] <= told["ends_at"]
    rig.worker.kill()  # whoever is there goes on
    rig.worker.start()
    for job_id in ids[::2]:
        rig.worker.wait_until(lambda one=job_id: client.job(one)["status"] ==
                              "completed", 60, "redriven")
    assert {client.job(job_id)["status"] for job_id in ids[1::2]} == {"failed"}
    rig.worker.wait_until(lambda: client.get(f"{PATH}/{told['id']}").json[
        "state"] == "done", 30, "done")
    assert client.get(f"{PATH}/{told['id']}").json["redriven"] == 3
    answer = client.ask("POST", f"{PATH}/{told['id']}/cancel")
    assert (answer.status, answer.json["state"]) == (200, "done")
    assert len([mail for mail in rig.sink.mails
                if mail.recipients[0].endswith("@good.example")]) == 3


def test_what_it_takes(client):
    for body, field in (({}, "status"), ({"status": "completed"}, "status"),
                        ({"status": "failed", "rate": 0}, "rate"),
                        ({"status": "failed", "rate": 1.5}, "rate"),
                        ({"status": "failed", "to": "a b"}, "to"),
                        ({"status": "failed", "since": "x"}, "since"),
                        ({"status": "failed", "dry_run": 1}, "dry_run"),
                        ({"status": "failed", "x": 1}, "x"), ([], "")):
        answer = client.ask("POST", PATH, body)
        assert answer.status == 400, answer
        assert [fault["field"] for fault in answer.json["details"]] == [field]
    for method, path in (("GET", f"{PATH}/none"), ("POST", f"{PATH}/none/cancel")):
        answer = client.ask(method, path)
        assert (answer.status, answer.json["name"]) == (404, "not_found")
