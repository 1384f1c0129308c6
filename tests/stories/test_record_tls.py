# SPDX-License-Identifier: MIT
"""The record in a PostgreSQL that is asked by TLS, and checked to be it."""

import pytest
from authority import Authority
from databases import Postgres
from recorded import wait_recorded

TLS_USERS = """
SELECT count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
WHERE ssl AND version >= 'TLSv1.2' AND application_name = 'postrider'
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def database(authority, tmp_path_factory):
    database = Postgres(tmp_path_factory.mktemp("database"),
                        authority.certify("database.pem", "localhost"))
    try:
        yield database.start()
    finally:
        database.remove()


def url(database, ca, host="localhost", mode="verify-full"):
    return (f"postgres://postrider@{host}:{database.port}/postgres"
            f"?sslmode={mode}&sslrootcert={ca}")


def test_recorded(new_rig, database, authority):
    rig = new_rig({"DATABASE_URL": url(database, authority.file),
                   "RECORD_INTERVAL": "50ms"}).start()
    job = rig.client.wait(rig.client.send())
    wait_recorded(rig)
    assert database.ask(f"SELECT status FROM job WHERE id = '{job['id']}'"
                        ) == [["completed"]]
    assert database.ask(TLS_USERS) == [["t"]]
    assert rig.client.get("/api/stats").json["minutes"] is not None


@pytest.mark.parametrize("host, fault", [
    ("localhost", "certificate verify failed"),
    ("127.0.0.1", "does not match host name")])
def test_nobody_else_is_taken_for_it(new_rig, database, authority,
                                     tmp_path_factory, host, fault):
    other = Authority(tmp_path_factory.mktemp("other"), "Other CA")
    ca = other.file if host == "localhost" else authority.file
    rig = new_rig({"DATABASE_URL": url(database, ca, host),
                   "RECORD_INTERVAL": "50ms"})
    rig.stack.start()
    rig.worker.wait_until(
        lambda: fault in rig.worker.last_words(200), 60, "telling why")
    rig.wait_ready()
    assert rig.client.wait(rig.client.send())["status"] == "completed"


def test_nothing_goes_in_clear(new_rig, database, authority):
    rig = new_rig({"DATABASE_URL": url(database, authority.file,
                                       mode="disable")})
    rig.stack.start()
    rig.worker.wait_until(
        lambda: "no encryption" in rig.worker.last_words(200), 60,
        "telling why")
