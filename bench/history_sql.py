#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What a page of the history costs in SQL, by how many mails the record has:
    bench/history_sql.py [--rows 10000,1000000] [--database sqlite,postgres]
Fills a private database by the schema of sql/, asks for pages as the API does
(cgi/record_query.c): from the newest on, deep inside, and by each filter; prints
p50 and p99 of 200 of each, and with --explain how the database goes about it.
Times are of the machine at hand: compare rows of one run.
"""

import argparse
import contextlib
import io
import pathlib
import random
import sqlite3
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "deploy"), str(ROOT / "tests" / "stories")]

from databases import Postgres  # noqa: E402

BEGAN = 1_700_000_000_000  # ms
EVERY = 100  # ms between two mails
WORDS = [f"word{i}" for i in range(1000)]
DOMAINS = [f"d{i}.example" for i in range(200)] + ["big.example"] * 200
HISTORY = ('[{"seq":1,"status":"queued","timestamp":"2025-06-29T15:52:17.432Z",'
           '"message":"Job queued"},{"seq":2,"status":"processing","timestamp":'
           '"2025-06-29T15:52:17.455Z","message":"","attempt":1},{"seq":3,'
           '"status":"completed","timestamp":"2025-06-29T15:52:17.501Z",'
           '"message":"","code":250,"reply":"250 2.0.0 Ok"}]')
COLUMNS = ("id, seq, status, reason, sender, addressed, subject, attempts, "
           "retry_count, unknown_count, last_code, last_error, next_at, "
           "created_at, updated_at, results, history")
JOB = "job." + COLUMNS.replace(", ", ", job.")


def mail(number, rows):
    """A job and its terms; one in a hundred has failed."""
    at = BEGAN + number * EVERY
    job_id = f"{at:012x}-7000-8000-{number:012x}"
    to = f"user{number % (rows // 20 + 1)}@{random.choice(DOMAINS)}"
    words = ["order", random.choice(WORDS), random.choice(WORDS)]
    failed = number % 100 == 0
    job = (job_id, 3, "failed" if failed else "completed",
           "rejected" if failed else "", "", f'["{to}"]', " ".join(words), 1, 0,
           0, 250, "", at, at, at, "[]", HISTORY)
    return job, [(term, at, job_id)
                 for term in {to, to[to.index("@"):], *words}]


def questions(rows):
    """Name, FROM ... WHERE, the columns of the order."""
    deep = BEGAN + random.randrange(rows) * EVERY
    key, term = "job.created_at, job.id", "term.created_at, term.job_id"
    found = " FROM term CROSS JOIN job WHERE job.id = term.job_id AND term.term = "
    other = (" AND EXISTS (SELECT 1 FROM term AS other WHERE other.term = '{}' "
             "AND other.created_at = term.created_at "
             "AND other.job_id = term.job_id)")
    word = random.choice(WORDS)
    return [
        ("newest", " FROM job WHERE 1 = 1", key),
        ("deep", f" FROM job WHERE ({key}) < ({deep}, '')", key),
        ("status", f" FROM job WHERE job.status = 'failed' AND ({key}) < "
                   f"({deep}, '')", key),
        ("reason", " FROM job WHERE job.reason <> '' AND "
                   f"job.reason = 'rejected' AND ({key}) < ({deep}, '')", key),
        ("address", f"{found}'user{random.randrange(rows // 20 + 1)}@"
                    "big.example'", term),
        ("domain", f"{found}'@big.example' AND ({term}) < ({deep}, '')", term),
        ("word", f"{found}'{word}' AND ({term}) < ({deep}, '')", term),
        ("two words", f"{found}'{word}'{other.format('order')} "
                      f"AND ({term}) < ({deep}, '')", term),
        ("count", None, None),
    ]


def statement(name, where, order, limit=100):
    if name == "count":
        return ("SELECT count(*) FROM (SELECT 1 AS one FROM term CROSS JOIN job "
                "WHERE job.id = term.job_id AND term.term = '@big.example' "
                "LIMIT 10001) AS found")
    return (f"SELECT {JOB}{where} ORDER BY "
            f"{order.replace(',', ' DESC,')} DESC LIMIT {limit + 1}")


def schema(name):
    texts = [path.with_suffix(suffix) for path in sorted((ROOT / "sql").glob("*.sql"))
             if path.suffixes == [".sql"] for suffix in (f".{name}.sql", ".sql")]
    return "\n".join(text.read_text() for text in texts if text.exists())


class Sqlite:
    def __init__(self, folder):
        self.db = sqlite3.connect(folder / "record.db", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.executescript(schema("sqlite"))

    def fill(self, jobs, terms):
        self.db.execute("BEGIN")
        self.db.executemany(f"INSERT INTO job ({COLUMNS}) VALUES "
                            f"({', '.join('?' * 17)})", jobs)
        self.db.executemany("INSERT INTO term VALUES (?, ?, ?)", terms)
        self.db.execute("COMMIT")

    def ready(self):
        pass

    def time(self, statements):
        for sql in statements:
            began = time.perf_counter()
            self.db.execute(sql).fetchall()
            yield 1000 * (time.perf_counter() - began)

    def explain(self, sql):
        return [row[3] for row in self.db.execute("EXPLAIN QUERY PLAN " + sql)]

    def close(self):
        self.db.close()


class Server:
    def __init__(self, folder):
        self.server = Postgres(folder)
        self.server.start()
        self.run(schema("postgres"))

    def run(self, text):
        return self.server.tool("psql", "-X", "-q", "-A", "-t", "-d", "postgres",
                                "-v", "ON_ERROR_STOP=1", "-f", "-", input=text)

    def copy(self, table, rows):
        text = io.StringIO()
        text.write(f"COPY {table} FROM STDIN;\n")
        for row in rows:
            text.write("\t".join(map(str, row)) + "\n")
        text.write("\\.\n")
        self.run(text.getvalue())

    def fill(self, jobs, terms):
        self.copy(f"job ({COLUMNS})", jobs)
        self.copy("term", terms)

    def ready(self):
        self.run("VACUUM ANALYZE;")

    def time(self, statements):
        """psql's own clock: the server's answer and its way."""
        out = self.run("\\o /dev/null\n\\timing on\n" + ";\n".join(statements)
                       + ";\n")
        for line in out.splitlines():
            if line.startswith("Time: "):
                yield float(line.split()[1])

    def explain(self, sql):
        return self.run(f"EXPLAIN (COSTS OFF) {sql};").splitlines()

    def close(self):
        self.server.remove()


def measure(database, rows, explain, again=200):
    plain = {}
    for _ in range(again):
        for name, where, order in questions(rows):
            plain.setdefault(name, []).append(statement(name, where, order))
    for name, statements in plain.items():
        times = sorted(database.time(statements))
        print(f"  {name:<10} p50 {times[len(times) // 2]:8.2f} ms"
              f"   p99 {times[len(times) * 99 // 100]:8.2f} ms", flush=True)
        if explain:
            for line in database.explain(statements[0]):
                print(f"      {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,1000000")
    parser.add_argument("--database", default="sqlite,postgres")
    parser.add_argument("--explain", action="store_true")
    options = parser.parse_args()
    random.seed(1)
    for name in options.database.split(","):
        with tempfile.TemporaryDirectory(prefix="history-sql-") as folder:
            kind = {"sqlite": Sqlite, "postgres": Server}[name]
            with contextlib.closing(kind(pathlib.Path(folder))) as database:
                have = 0
                for rows in sorted(map(int, options.rows.split(","))):
                    while have < rows:
                        part = [mail(i, rows) for i in
                                range(have, min(have + 50_000, rows))]
                        database.fill([job for job, _ in part],
                                      [term for _, ts in part for term in ts])
                        have += len(part)
                    database.ready()
                    print(f"{name}, {rows} mails:", flush=True)
                    measure(database, rows, options.explain)


if __name__ == "__main__":
    main()
