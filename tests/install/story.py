# SPDX-License-Identifier: MIT
"""
A web host of one release, from before Postrider to after it. Each step goes on
where the one before it ended; each counts all the mails it gave.
"""

import json
import re
import shutil
import time

from host import Host
from mails import Mails
from machine import Machine, until
import trees

UNITS = ("postrider-api", "postrider-events", "postrider-worker@1")
REDIS = "127.0.0.1:6380"
OURS = (REDIS, "127.0.0.1:3000", "127.0.0.1:3002")
PAGE = (trees.ROOT / "docs/operations.md").read_text()
BLOCKS = re.findall(r"```sh\n(# .*?)```", PAGE, re.S)
READER = """
useradd --create-home --shell /bin/sh reader
postconf -e inet_interfaces=loopback-only inet_protocols=ipv4 \
    mydestination=localhost,web.example.org home_mailbox=Maildir/ \
    smtpd_end_of_data_restrictions=
systemctl restart postfix
"""
# Each mail takes a second between its final dot and the reply to it.
SLOW = "postconf -e 'smtpd_end_of_data_restrictions=sleep 1'; postfix reload"
SLOWER = SLOW.replace("sleep 1", "sleep 4")
FAST = "postconf -e smtpd_end_of_data_restrictions=; postfix reload"
PREVIOUS = """
mkdir -p /run/systemd/system/{unit}.service.d
printf '[Service]\\nExecStart=\\nExecStart={start}\\n' \
    >/run/systemd/system/{unit}.service.d/previous.conf
systemctl daemon-reload
systemctl restart {instances}
"""
API = "/opt/previous/usr/sbin/postrider-api --socket /run/postrider/api.sock"
WORKER = ('/bin/sh -c "PORT=$$((3001 + %%i))'
          ' exec /opt/previous/usr/sbin/postrider-worker"')
LATEST = """
rm -r /run/systemd/system/{unit}.service.d
systemctl daemon-reload
systemctl restart {instances}
"""


class Story:
    def __init__(self, release, debs):
        """`debs`: folders of the packages, by "now", "next", "previous"."""
        self.release = release
        self.debs = debs
        folder = trees.FOLDER / release
        self.tree = trees.mount_copy(trees.host(release), folder / "run")
        self.log = folder / "console.log"
        self.log.unlink(missing_ok=True)
        self.machine = Machine(self.tree, self.log)
        self.host = self.mails = None

    def run(self):
        self.fetch_libraries()
        try:
            self.machine.start()
            self.sh(READER)
            for step in (*self.life(), *self.second_life()):
                begun = time.monotonic()
                told = step()
                print(f"{self.release}: {told}"
                      f" ({time.monotonic() - begun:.0f} s)", flush=True)
        except trees.Failed as error:
            print(f"{error}\n{self.journal()}", flush=True)
            raise
        finally:
            self.machine.stop()
            trees.unmount_copy(self.tree)

    def life(self):
        return (self.installs, self.is_set_up, self.is_sandboxed,
                self.survives_kill, self.survives_reboot,
                self.survives_power_cut, self.is_upgraded,
                self.talks_to_previous_worker, self.talks_to_previous_api,
                self.has_more_workers, self.tells, self.is_removed,
                self.comes_back, self.is_purged)

    def second_life(self):
        return (self.installs, self.is_set_up_by_hand,
                self.is_served_by_others, self.is_removed, self.comes_back,
                self.is_purged)

    # -- words

    def sh(self, script):
        return self.machine.run("sh", "-euc", script)

    def do(self, title, **env):
        """Runs the block of docs/operations.md that begins so."""
        (block,) = [one for one in BLOCKS if one.startswith(f"# {title}")]
        given = [f"{name}={value}" for name, value in env.items()]
        return self.machine.run("env", "--chdir=/srv", *given, "sh", "-euc",
                                block)

    def put(self, which):
        """The packages where the pages say they are: build/deb in /srv."""
        folder = self.machine.path("srv/build/deb")
        trees.remove(folder)
        shutil.copytree(self.debs[which], folder)

    def fetch_libraries(self):
        """What ours need, into apt's cache: the machine has no network."""
        self.put("now")
        trees.inside(self.tree, "sh", "-euc", "apt-get -q update; apt-get -q"
                     " install -y --download-only /srv/build/deb/*.deb")
        names = trees.inside(self.tree, "sh", "-euc", """
            apt-get -q --simulate install /srv/build/deb/*.deb |
            sed -n 's/^Inst \\([^ ]*\\).*/\\1/p'""").split()
        libraries = [name for name in names if "postrider" not in name]
        if libraries:
            trees.inside(self.tree, *trees.INSTALL, "--install", *libraries)

    def active(self, *units):
        said = self.machine.ask("systemctl", "is-active", *units).split()
        return said == ["active"] * len(units)

    def settle(self, what):
        doubtful = self.mails.assert_each_once()
        return what + (f", {doubtful} of them told as doubtful, and twice"
                       if doubtful else "")

    def journal(self):
        try:
            return self.machine.ask(
                "journalctl", "--no-pager", "-n", "60", "-u", "postrider-*",
                "-u", "redis-server@postrider", "-u", "rabbitmq-server")
        except trees.Failed as error:
            return str(error)

    # -- steps

    def installs(self):
        self.host = Host(self.machine)
        self.do("install: the packages")
        self.host.assert_as_before()
        for unit in UNITS:
            if self.active(unit):
                raise trees.Failed(f"{unit} runs before it is set up")
        return "installed: nothing runs, nothing of others has changed"

    def is_set_up(self):
        said = self.do("install: set up")
        self.mails = Mails(self.machine, self.machine.path(
            "etc/credstore/postrider.POSTRIDER_API_KEY").read_text().strip())
        if self.mails.get("/api/stats")["statuses"]["completed"] != 1:
            raise trees.Failed(f"no test mail was sent: {said}")
        return self.works("set up in one command, which sent a mail")

    def is_set_up_by_hand(self):
        for what in ("Redis", "RabbitMQ", "settings", "start", "lighttpd"):
            self.do(f"by hand: {what}")
        key = self.do("by hand: the first key").split()[-1]
        self.mails = Mails(self.machine, key)
        return self.works("set up by hand, as the page says")

    def is_served_by_others(self):
        """Each in lighttpd's place, and away again."""
        for server, unit, site in (
                ("nginx", "nginx", "/etc/nginx/sites-*/postrider.conf"),
                ("Apache", "apache2", "/etc/apache2/sites-*/postrider.conf")):
            self.sh(f"systemctl stop lighttpd; systemctl start {unit}")
            self.do(f"by hand: {server}")
            self.mails.give(f"by {server}", 10)
            self.settle(server)
            self.sh(f"rm {site}; systemctl stop {unit}; systemctl start"
                    " lighttpd")
        self.sh("a2dismod -q -f proxy_wstunnel proxy_http proxy_fcgi proxy")
        self.host.assert_as_before(*OURS)
        return "nginx and Apache in lighttpd's place: 10 mails each"

    def works(self, what):
        self.is_back()
        self.host.assert_as_before(*OURS)
        self.mails.give("works", 1)
        return self.settle(what)

    def is_sandboxed(self):
        for unit in UNITS:
            said = self.machine.run("systemd-analyze", "security",
                                    "--no-pager", unit)
            level = re.search(r"exposure level for \S+: ([\d.]+)", said)
            if float(level[1]) > 2.0:
                raise trees.Failed(said)
            said = self.machine.run("systemd-analyze", "verify", "--man=no",
                                    f"{unit}.service")
            if said:
                raise trees.Failed(said)
        return "units: verified in silence, exposure at most 2.0"

    def survives_kill(self):
        load = self.mails.load("worker killed")
        load.more(50)
        before = self.pid_of_worker()
        self.sh(f"kill -9 {before}")
        until("another worker", lambda: self.pid_of_worker() not in (
            "0", before) and self.active(*UNITS))
        load.more(50)
        return self.settle(f"worker killed -9, and back by systemd:"
                           f" {load.end()} mails, each once")

    def pid_of_worker(self):
        return self.machine.run("systemctl", "show", "-P", "MainPID",
                                UNITS[2]).strip()

    def survives_reboot(self):
        self.sh(SLOW)
        self.mails.give("rebooted", 300)
        self.machine.reboot()
        self.is_back()
        self.sh(FAST)
        return self.settle("rebooted: 300 mails in hand, each once")

    def survives_power_cut(self):
        self.sh(SLOW)
        self.mails.give("power cut", 300)
        self.machine.cut_power()
        self.is_back()
        self.sh(FAST)
        return self.settle("power cut: 300 mails in hand, each once")

    def is_back(self):
        until("all of it is back", lambda: self.active(*UNITS))

    def is_upgraded(self):
        self.sh(SLOWER)  # so that no upgrade takes as long as 500 mails
        self.mails.give("upgraded", 500)
        load = self.mails.load("during the upgrade")
        load.more(5)
        self.put("next")
        self.do("upgrade: the packages")
        if len(self.mails.waiting()) < 100:
            raise trees.Failed("no mail was in flight")
        self.is_back()
        load.more(5)
        self.sh(FAST)
        more = load.end()
        if self.mails_doubtful():
            raise trees.Failed("an upgrade left doubt")
        return self.settle(f"upgraded: 500 mails in flight, {more} given"
                           " meanwhile, each once")

    def mails_doubtful(self):
        return self.mails.get("/api/stats")["statuses"]["unknown"]

    def talks_to_previous_worker(self):
        self.unpack_previous()
        self.sh(PREVIOUS.format(unit="postrider-worker@", start=WORKER,
                                instances=UNITS[2]))
        self.in_both_orders("older worker")
        self.sh(LATEST.format(unit="postrider-worker@", instances=UNITS[2]))
        return self.settle("an older worker with this API: 200 mails, each"
                           " once")

    def talks_to_previous_api(self):
        instances = "postrider-api postrider-events"
        self.sh(PREVIOUS.format(unit="postrider-api", start=API,
                                instances=instances))
        self.in_both_orders("older API")
        self.sh(LATEST.format(unit="postrider-api", instances=instances))
        return self.settle("an older API with this worker: 200 mails, each"
                           " once")

    def unpack_previous(self):
        folder = self.machine.path("srv/previous")
        shutil.copytree(self.debs["previous"], folder)
        self.sh("for deb in /srv/previous/*.deb;"
                " do dpkg -x $deb /opt/previous; done")

    def in_both_orders(self, name):
        """Half of them while both run, half before the worker does."""
        self.is_back()
        self.mails.give(name, 100)
        self.sh(f"systemctl stop {UNITS[2]}")
        self.mails.give(f"{name} alone", 100)
        self.sh(f"systemctl start {UNITS[2]}")
        until("all mail arrived", lambda: not self.mails.waiting())

    def has_more_workers(self):
        health = self.do("several workers: one more").splitlines()[-1]
        if json.loads(health)["status"] not in ("ok", "degraded"):
            raise trees.Failed(health)
        self.mails.give("of two workers", 200)
        self.do("several workers: one less")
        if self.active("postrider-worker@2"):
            raise trees.Failed("worker 2 runs still")
        return self.settle("a second worker came and went: 200 mails, each"
                           " once")

    def tells(self):
        subject = "told of"
        self.mails.give(subject, 1)
        job = self.mails.jobs[f"{subject} 0"]
        until("all mail arrived", lambda: not self.mails.waiting())
        said = self.do("logs: of the last hour", ID=job)
        if f"id={job}" not in said or "status=completed" not in said:
            raise trees.Failed(f"journal: {said[-2000:]}")
        exposed = self.do("firewall: who listens where")
        if ":3000" in exposed or ":3002" in exposed or ":6380" in exposed:
            raise trees.Failed(f"open to other hosts: {exposed}")
        return self.settle("the journal tells of a mail; nothing of ours is"
                           " open to other hosts")

    def is_removed(self):
        self.sh(f"systemctl stop {UNITS[2]}")
        self.mails.give("kept", 100)
        self.do("uninstall: keep settings")
        for name in ("var/lib/postrider", "etc/postrider/postrider.env"):
            if not self.machine.path(name).exists():
                raise trees.Failed(f"remove took {name}")
        self.host.assert_as_before(REDIS)
        if self.active(*UNITS[:1]):
            raise trees.Failed("it runs still")
        return "removed: settings and journal are kept, and 100 mails"

    def comes_back(self):
        self.do("install: the packages")
        self.do("by hand: start")
        self.do("by hand: lighttpd")
        self.is_back()
        return self.settle("installed again: the 100 mails, each once")

    def is_purged(self):
        said = self.do("uninstall: everything")
        for word in ("redis-server@postrider", "rabbitmqctl delete_vhost"):
            if word not in said:
                raise trees.Failed(f"purge does not say {word}: {said}")
        self.host.assert_as_before(REDIS)
        self.do("uninstall: its data in Redis")
        self.host.assert_as_before()
        self.host.assert_nothing_left()
        for told in ("rabbitmqctl -q list_vhosts", "getent passwd",
                     "systemctl list-units --all --plain 'postrider*'",
                     "ls /etc/credstore /var/lib/redis /run || true"):
            if "postrider" in self.sh(told):
                raise trees.Failed(f"left: {told}: {self.sh(told)}")
        return "purged: nothing is left"
