# SPDX-License-Identifier: MIT
"""A record that comes later has the whole suppression list."""

from databases import SqliteFile

PATH = "/api/suppressions"


def test_the_list_of_before(new_rig, tmp_path):
    rig = new_rig({"RECORD_INTERVAL": "50ms"}).start()
    for n in range(60):  # more than are written at a time
        answer = rig.client.ask("POST", PATH, {"address": f"r{n}@no.example"})
        assert answer.status == 201, answer
    answer = rig.client.ask("DELETE", f"{PATH}?address=r0@no.example")
    assert answer.status == 200, answer
    database = SqliteFile(tmp_path)
    for program in (rig.worker, rig.api):
        program.stop()
        program.env = program.env | {"DATABASE_URL": database.url}
        program.start()
    rig.wait_ready()
    rig.client.ask("POST", PATH, {"address": "later@no.example"})

    def recorded():
        return rig.store().get("suppressions:mirrored") == "all" and not (
            rig.store().exists("suppressions:unrecorded"))

    rig.worker.wait_until(recorded, 30, "recorded")
    rows = database.ask("SELECT address, removed_at > 0 FROM suppression")
    assert sorted(rows) == sorted(
        [[f"r{n}@no.example", str(int(n == 0))] for n in range(60)]
        + [["later@no.example", "0"]])
