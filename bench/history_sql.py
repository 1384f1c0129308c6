#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
What a page of the history costs in SQL, by how many mails the record has:
    bench/history_sql.py [--rows 10000,1000000] [--database sqlite,postgres]
Fills a private database by the schema of sql/, asks for pages as the API does
(cgi/record_query.c): from the newest on, deep inside, and by each filter; prints
p50 and p99 of 200 of each (5 of `apart`, two filters that find a tenth of all mails
each and together none), and with --explain how the database goes about it.
Times are of the machine at hand: compare rows of one run.
"""

import argparse
import contextlib
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
HISTORY = ('[{"seq":1,"status":"queued","timestamp":"2025-06-29T15:52:17.432Z",'
           '"message":"Job queued"},{"seq":2,"status":"processing","timestamp":'
           '"2025-06-29T15:52:17.455Z","message":"","attempt":1},{"seq":3,'
           '"status":"completed","timestamp":"2025-06-29T15:52:17.501Z",'
           '"message":"","code":250,"reply":"250 2.0.0 Ok"}]')
COLUMNS = ("id, seq, status, reason, sender, addressed, subject, attempts, "
           "retry_count, unknown_count, last_code, last_error, next_at, "
           "created_at, updated_at, results, history")
JOB = "job." + COLUMNS.replace(", ", ", job.")


def mails(rows, first, hexadecimal):
    """SELECT of mails, made of their numbers: one in a hundred has failed, half
    go to one domain, and tenth1 is never beside tenth2."""
    at = f"({BEGAN} + n * {EVERY})"
    return f"""
        SELECT {hexadecimal(at)} || '-7000-8000-' || {hexadecimal("n")} AS id,
            {at} AS at, n % 100 = 0 AS failed,
            'user' || (n * 7919 % {rows // 20 + 1}) AS name,
            CASE n % 2 WHEN 0 THEN '@big.example'
                ELSE '@d' || (n / 2 % 200) || '.example' END AS domain,
            'word' || (n * 7919 / 10 % 1000) AS word,
            'more' || (n * 104729 / 100 % 1000) AS more,
            'tenth' || (n % 10) AS tenth
        FROM numbers WHERE n >= {first}"""


def fill(rows, first, numbers, hexadecimal):
    """Statements; in the order of the keys, which is many times as fast."""
    made = (f"WITH RECURSIVE numbers (n) AS ({numbers}), "
            f"mail AS ({mails(rows, first, hexadecimal)})")
    return [f"""{made} INSERT INTO job ({COLUMNS})
        SELECT id, 3, CASE WHEN failed THEN 'failed' ELSE 'completed' END,
            CASE WHEN failed THEN 'rejected' ELSE '' END, '',
            '["' || name || domain || '"]', word || ' ' || more || ' ' || tenth,
            1, 0, 0, 250, '', at, at, at, '[]', '{HISTORY}' FROM mail
        WHERE 1 = 1 ORDER BY id""", f"""{made}, terms AS (
            SELECT name || domain AS term, at, id FROM mail UNION ALL
            SELECT domain, at, id FROM mail UNION ALL
            SELECT word, at, id FROM mail UNION ALL
            SELECT more, at, id FROM mail UNION ALL
            SELECT tenth, at, id FROM mail)
        INSERT INTO term SELECT * FROM terms WHERE 1 = 1 ORDER BY term, at, id"""]


def questions(rows):
    """Name, FROM ... WHERE, the columns of the order."""
    number = random.randrange(rows)
    deep = BEGAN + number * EVERY
    key, term = "job.created_at, job.id", "term.created_at, term.job_id"
    found = " FROM term CROSS JOIN job WHERE job.id = term.job_id AND term.term = "
    other = (" AND 1 = (SELECT count(*) FROM term AS other WHERE other.term = "
             "'{}' AND other.created_at = {}.created_at AND other.job_id = {})")
    word = f"word{random.randrange(1000)}"
    job_then = f" AND ({key}) < ({deep}, '')"
    term_then = f" AND ({term}) < ({deep}, '')"
    return [
        ("newest", " FROM job WHERE 1 = 1", key),
        ("deep", f" FROM job WHERE 1 = 1{job_then}", key),
        ("status", f" FROM job WHERE job.status = 'failed'{job_then}", key),
        ("reason", " FROM job WHERE job.reason <> '' AND "
                   f"job.reason = 'rejected'{job_then}", key),
        ("address", f"{found}'user{number * 7919 % (rows // 20 + 1)}@"
                    "big.example'", term),
        ("domain", f"{found}'@big.example'{term_then}", term),
        ("word", f"{found}'{word}'{term_then}", term),
        ("two words", f"{found}'{word}'{other.format('tenth1', 'term', 'term.job_id')}"
                      f"{term_then}", term),
        ("failed, to", " FROM job WHERE job.status = 'failed'"
         f"{other.format('@big.example', 'job', 'job.id')}{job_then}", key),
        ("count", None, None),
        ("apart", f"{found}'tenth1'{other.format('tenth2', 'term', 'term.job_id')}",
         term),
    ]


def statement(name, where, order, limit=100):
    if name == "count":
        return ("SELECT count(*) FROM (SELECT 1 AS one FROM term "
                "WHERE term.term = '@big.example' LIMIT 10001) AS found")
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

    def fill(self, rows, first):
        numbers = f"SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows - 1}"
        self.db.execute("BEGIN")
        for sql in fill(rows, first, numbers, "printf('%012x', {})".format):
            self.db.execute(sql)
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

    def fill(self, rows, first):
        numbers = f"SELECT generate_series({first}::bigint, {rows - 1})"
        for sql in fill(rows, first, numbers, "lpad(to_hex({}), 12, '0')".format):
            self.run(f"SET work_mem = '512MB'; {sql};")

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
            times = plain.setdefault(name, [])
            if name != "apart" or len(times) < again // 40:
                times.append(statement(name, where, order))
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
                    database.fill(rows, have)
                    have = rows
                    database.ready()
                    print(f"{name}, {rows} mails:", flush=True)
                    measure(database, rows, options.explain)


if __name__ == "__main__":
    main()
