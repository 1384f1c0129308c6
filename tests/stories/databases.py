# SPDX-License-Identifier: MIT
"""
The databases that a record may be kept in, as a story sees them: `url` for
DATABASE_URL, `ask` for a look from outside, `away` for a time without it.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile

from stack import ports
from stack.process import Process


class SqliteFile:
    name = "sqlite"

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "record.db"
        self.url = f"sqlite://{self.path}"

    def start(self):
        return self

    def stop(self):
        pass

    def ask(self, sql):
        """Rows of texts."""
        with contextlib.closing(sqlite3.connect(self.path, 30)) as db:
            rows = db.execute(sql).fetchall()
            db.commit()
        return [["" if column is None else str(column) for column in row]
                for row in rows]

    @contextlib.contextmanager
    def away(self):
        """Another writer that does not come to an end."""
        with contextlib.closing(sqlite3.connect(
                self.path, 30, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("ROLLBACK")


class Postgres(Process):
    """On a unix socket only; as another user where we are root, for it does
    not run as root."""

    patience = 120.0

    def __init__(self, folder, certificate=None):
        """`certificate`: with its key; then also by TLS, on 127.0.0.1."""
        super().__init__("postgres", folder, dies_with_us=True)
        self.certificate = certificate
        self.port = ports.free() if certificate else None
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        # Neither pytest's folder, which is ours alone, nor a long path.
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="postrider-pg-"))
        self.data = self.place / "data"
        self.url = f"postgres:///postgres?host={self.place}&user=postrider"

    def as_owner(self, *words):
        if os.getuid() != 0:
            return list(words)
        return ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres",
                "--clear-groups", "--pdeathsig=KILL", *words]

    def prepare(self):
        if self.data.exists():
            return
        if os.getuid() == 0:
            shutil.chown(self.place, "postgres")
        self.place.chmod(0o755)
        subprocess.run(self.as_owner(
            self.bin / "initdb", "-D", self.data, "-U", "postrider", "-A",
            "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"),
            check=True, stdout=subprocess.DEVNULL, cwd=self.place)
        if self.certificate:
            self.prepare_tls()

    def prepare_tls(self):
        """By TCP nothing but TLS is let in."""
        own = self.place / "server.pem"
        shutil.copy(self.certificate, own)
        own.chmod(0o600)
        if os.getuid() == 0:
            shutil.chown(own, "postgres")
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhostssl all all 127.0.0.1/32 trust\n")

    def tls_options(self):
        own = self.place / "server.pem"
        return ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}",
                "-c", "ssl=on", "-c", f"ssl_cert_file={own}",
                "-c", f"ssl_key_file={own}"]

    def argv(self):
        return self.as_owner(
            self.bin / "postgres", "-D", self.data, "-k", self.place,
            "-c", "fsync=off", *(self.tls_options() if self.certificate
                                 else ["-c", "listen_addresses="]))

    def ready(self):
        return subprocess.run(
            [self.bin / "pg_isready", "-q", *self.where()],
            check=False).returncode == 0

    def stop(self, how=signal.SIGINT):  # SIGTERM would wait for clients
        return super().stop(how)

    def remove(self):
        self.stop()
        shutil.rmtree(self.place)

    def where(self):
        return ["-h", self.place, *(["-p", str(self.port)] if self.port else [])]

    def tool(self, name, *words, **how):
        """A program of PostgreSQL's, with this server for its own."""
        return subprocess.run(
            [self.bin / name, *self.where(), "-U", "postrider", *words],
            check=True, capture_output=True, text=True, **how).stdout

    def ask(self, sql):
        out = self.tool("psql", "-X", "-A", "-t", "-F", "\x1f", "-R", "\x1e",
                        "-d", "postgres", "-c", sql)
        return [row.split("\x1f") for row in out.rstrip("\n").split("\x1e")
                if row]

    def drop(self):
        self.ask("DROP SCHEMA public CASCADE")
        self.ask("CREATE SCHEMA public")

    @contextlib.contextmanager
    def away(self):
        self.stop()
        yield
        self.start()
