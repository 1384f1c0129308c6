# SPDX-License-Identifier: MIT
"""What ./demo.sh does once everything is installed and built."""

import fcntl
import os
import pathlib
import shlex
import sys

from . import first_mail
from .answer import all_up, ask, says_ok
from .api import Api
from .catcher import Catcher
from .events import Events
from .lighttpd import Lighttpd
from .plan import Plan
from .ports import is_free
from .rabbitmq import Epmd, RabbitMQ
from .redis import Redis
from .stack import Stack
from .trouble import Trouble
from .worker import Worker

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULTS = {"TEST_ADDRESSES": "on", "AUTH": "off"}


def tell(text=""):
    print(text, flush=True)


class Demo:
    def __init__(self, env):
        self.env = {name: value for name, value in env.items() if value}
        if "CATCHER_DIR" in self.env:
            self.env["CATCHER_DIR"] = os.path.abspath(self.env["CATCHER_DIR"])
        self.folder = pathlib.Path(
            self.env.get("DEMO_DIR", ROOT / "var")).resolve()
        self.programs = ROOT / "build" / "release"
        self.plan_file = self.folder / "demo.json"
        self.env_file = self.folder / "demo.env"

    def lock(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock_file = open(self.folder / "demo.lock", "w")
        try:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble("Another demo.sh is at work in "
                          f"{self.folder} right now.") from None

    def services(self, plan):
        env = DEFAULTS | self.env | plan.settings()
        at, folder = plan.ports, self.folder
        services = []
        if "redis" in at:
            services.append(Redis(folder, at["redis"]))
        if "rabbitmq" in at:
            services += [Epmd(folder, at["epmd"]),
                         RabbitMQ(folder, at["rabbitmq"], at["epmd"],
                                  at["dist"])]
        if "catcher" in at:
            services.append(Catcher(folder, at["catcher"], plan.mail))
        return services + [
            Api(folder, self.programs / "cgi" / "postrider-api", env=env),
            Events(folder, self.programs / "events" / "postrider-events",
                   env=env),
            Lighttpd(folder, at["lighttpd"], env=env),
            Worker(folder, self.programs / "worker" / "postrider-worker",
                   at["worker"], env=env),
        ]

    # -- start

    def start(self):
        self.lock()
        plan = Plan.load(self.plan_file)
        services = self.services(plan) if plan else []
        dead = [service for service in services if not service.alive()]
        if len(dead) == len(services):
            self.start_anew(plan)
        else:
            self.start_again(plan, services, dead)

    def start_anew(self, earlier):
        plan = Plan.make(self.env, self.folder, earlier)
        plan.save(self.plan_file)
        for name, port, default in (("API", plan.ports["lighttpd"], 3000),
                                    ("worker", plan.ports["worker"], 3002)):
            if port != default:
                tell(f"The {name} listens on port {port}.")
        tell(f"Starting everything in {self.folder} on 127.0.0.1:")
        stack = Stack(self.services(plan), tell)
        stack.start()
        try:
            self.wait_ready(plan, stack.services)
            self.write_env(plan, stack.services)
            first_mail.send(plan.settings(), tell)
        except BaseException:
            tell("Stopping again.")
            stack.undo()
            self.env_file.unlink(missing_ok=True)
            raise
        self.tell_urls(plan)

    def start_again(self, plan, services, dead):
        name = plan.differs(self.env)
        if name:
            raise Trouble(f"The demo is running already, with another {name}. "
                          f"To change it: ./demo.sh stop, then start anew.")
        if dead:
            tell("The demo is running, but not all of it. Starting again: "
                 + ", ".join(service.name for service in dead) + ".")
            for service in dead:
                port = plan.ports.get(service.name)
                if port and not is_free(port):
                    raise Trouble(f"Port {port} of {service.name} is taken by "
                                  f"another program now. ./demo.sh stop, then "
                                  f"start anew.")
            Stack(services, tell).start()
            self.wait_ready(plan, services)
            self.write_env(plan, services)
        else:
            tell("The demo is running already.")
        self.tell_urls(plan)

    @staticmethod
    def wait_ready(plan, services):
        """The API's own word on whether a mail can be accepted and sent."""
        url = plan.settings()["API_URL"]
        api = next(service for service in services if service.name == "api")
        try:
            api.wait_until(lambda: all_up(url), 30, "ready")
        except Trouble as trouble:
            try:
                answer = ask("GET", f"{url}/health", timeout=5).body.decode()
            except OSError as fault:
                answer = fault
            raise Trouble(f"{url}/health says: {answer}\n{trouble}") from None

    def write_env(self, plan, services):
        values = plan.settings() | {"DEMO_DIR": str(self.folder)}
        for service in services:
            values[f"{service.name.upper()}_PID"] = str(service.pid or "")
        draft = self.env_file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{name}={shlex.quote(value)}\n"
                                 for name, value in values.items()))
        os.replace(draft, self.env_file)

    def tell_urls(self, plan):
        at = plan.settings()
        tell(f"""
Running:
  send a mail   POST {at['API_URL']}/api/emails
  one mail      GET  {at['API_URL']}/api/emails/ID
  all mails     GET  {at['API_URL']}/api/jobs/history
  live          curl -N {at['API_URL']}/api/events
                WebSocket {at['API_URL'].replace('http', 'ws', 1)}/ws
  health        GET  {at['API_URL']}/health
  worker        GET  {at['WORKER_URL']}/health
  Redis         {public(at['REDIS_URL'])}
  RabbitMQ      {public(at['RABBITMQ_URL'])}
  SMTP          {at['SMTP_HOST']}:{at['SMTP_PORT']}""")
        if "CATCHER_DIR" in at:
            tell(f"  caught mails  {at['CATCHER_DIR']}")
        tell(f"  logs          {self.folder / 'log'}\n"
             f"For a shell: . {self.env_file}\n"
             f"./demo.sh status tells what runs, ./demo.sh stop ends it.")

    # -- status and stop

    def status(self):
        plan = Plan.load(self.plan_file)
        services = self.services(plan) if plan else []
        for service in services:
            pid = service.pid
            port = plan.ports.get(service.name)
            tell(f"  {service.name:<10} "
                 + (f"running, pid {pid}" if pid else "not running")
                 + (f", port {port}" if pid and port else ""))
        up = [service for service in services if service.alive()]
        if not up:
            tell("The demo is not running.")
            return 3
        at = plan.settings()
        for name, url in (("API", at["API_URL"]), ("worker", at["WORKER_URL"])):
            tell(f"  {name} {url}: "
                 + ("ready" if says_ok(f"{url}/ready") else "not ready"))
        if len(up) < len(services):
            tell("Not all of it runs: ./demo.sh starts the rest.")
            return 3
        return 0

    def stop(self):
        self.lock()
        plan = Plan.load(self.plan_file)
        stopped = Stack(self.services(plan), tell).stop() if plan else []
        self.env_file.unlink(missing_ok=True)
        tell("Stopped." if stopped else "The demo was not running.")


def public(url):
    """Without what stands before the @."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def main(word):
    demo = Demo(os.environ)
    try:
        return getattr(demo, word)() or 0
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
    except PermissionError as fault:
        print(f"{fault}. Was the demo started by another user?",
              file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    return 1
