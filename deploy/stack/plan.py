# SPDX-License-Identifier: MIT
"""
What the demo runs and where: which services are its own, on which ports, and
what the caller's environment names instead. Kept in FOLDER/demo.json, so that
the next call of demo.sh finds the same services.
"""

import json
import pathlib
from urllib.parse import urlsplit

from . import ports
from .trouble import Trouble

API_PORT, WORKER_PORT = 3000, 3002


class Plan:
    def __init__(self, ports, outside, mail):
        self.ports = ports  # of our own services, by their names
        self.outside = outside  # settings of what others run
        self.mail = mail  # the catcher's folder

    # -- kept in a file

    @classmethod
    def load(cls, path):
        try:
            return cls(**json.loads(pathlib.Path(path).read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as fault:
            raise Trouble(f"{path} cannot be read: {fault}. End the demo's "
                          f"processes and remove the file.") from fault

    def save(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # an outside URL may hold a password
        path.write_text(json.dumps(vars(self), indent=1) + "\n")

    # -- what it means

    def settings(self):
        """The variables of demo.env that say where things are."""
        local, at = "127.0.0.1", self.ports
        own = {"API_URL": f"http://{local}:{at['lighttpd']}",
               "WORKER_URL": f"http://{local}:{at['worker']}"}
        if "redis" in at:
            own["REDIS_URL"] = f"redis://{local}:{at['redis']}/0"
        if "rabbitmq" in at:
            own["RABBITMQ_URL"] = f"amqp://guest:guest@{local}:{at['rabbitmq']}"
        if "catcher" in at:
            own |= {"SMTP_HOST": local, "SMTP_PORT": str(at["catcher"]),
                    "CATCHER_DIR": self.mail}
        return own | self.outside

    def differs(self, env):
        """The name of a setting that env gives another value, or None."""
        mine = self.settings()
        mine |= {"PORT": str(self.ports["lighttpd"]),
                 "WORKER_PORT": str(self.ports["worker"])}
        for name, value in mine.items():
            if env.get(name, value) not in ("", value):
                return name
        return None

    # -- making one

    @classmethod
    def make(cls, env, folder, earlier=None):
        """For a start from nothing; `earlier` is the plan of the last one."""
        env = {name: value for name, value in env.items() if value}
        mine = earlier.settings() if earlier else {}
        old = earlier.ports if earlier else {}
        plan = cls({}, {}, str(env.get("CATCHER_DIR", folder / "mail")))

        def foreign(*names):
            given = {name: env[name] for name in names if name in env}
            return {} if given.items() <= mine.items() else given

        def own(*services):
            for service in services:
                port = old.get(service)
                if port is None or not ports.is_free(port):
                    port = ports.free()
                plan.ports[service] = port

        for services, names in ((("redis",), ("REDIS_URL",)),
                                (("rabbitmq", "epmd", "dist"),
                                 ("RABBITMQ_URL",)),
                                (("catcher",), ("SMTP_HOST", "SMTP_PORT"))):
            given = foreign(*names)
            plan.outside |= given
            if not given:
                own(*services)
        if "catcher" not in plan.ports:
            plan.outside = {"SMTP_HOST": "localhost", "SMTP_PORT": "25"
                            } | plan.outside
        plan.ports["lighttpd"] = front(env, "API_URL", "PORT", API_PORT)
        plan.ports["worker"] = front(env, "WORKER_URL", "WORKER_PORT",
                                     WORKER_PORT, plan.ports["lighttpd"])
        return plan


def front(env, url_name, port_name, default, taken=None):
    """A port that people type: as given, else the default or the next free."""
    name = url_name if url_name in env else port_name
    if name not in env:
        port = ports.next_free(default)
        if port == taken:
            port = ports.next_free(port + 1)
        return port
    port = local_port(name, env[name])
    if port == taken or not ports.is_free(port):
        raise Trouble(f"Port {port}, which {name} asks for, is taken by "
                      f"another program. Give another one, or none.")
    return port


def local_port(name, value):
    try:
        if value.isdecimal():
            port = int(value)
        else:
            parts = urlsplit(value)
            port = parts.port
            if parts.scheme != "http" or parts.hostname not in (
                    "127.0.0.1", "localhost"):
                raise ValueError
        if not 0 < port < 65536:
            raise ValueError
    except (ValueError, TypeError):
        raise Trouble(f"{name}={value} is not what the demo can listen on: it "
                      f"wants a port, or http://127.0.0.1:PORT.") from None
    return port
