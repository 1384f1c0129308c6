# SPDX-License-Identifier: MIT
"""
A RabbitMQ node with an epmd of its own, both on 127.0.0.1 only. The epmd is
started here and not by Erlang, so that it can be ended by its pid.
"""

import secrets
import socket
import subprocess

from . import ports
from .process import Process
from .trouble import Trouble

NODE = "postrider@localhost"

SETTINGS = """\
listeners.tcp.1 = 127.0.0.1:{port}
loopback_users = none
log.file = false
log.console = true
log.console.level = warning
log.connection.level = error
disk_free_limit.absolute = 50MB
"""

# No busy waiting: the machine is small, and shared.
ERLANG = ("-kernel inet_dist_use_interface {127,0,0,1} "
          "+sbwt none +sbwtdcpu none +sbwtdio none")


def erlang_env(home, epmd_port):
    """Nothing of the caller's RABBITMQ_* settings must reach this node."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd_port),
    }


class Epmd(Process):
    """
    Asked for an address, epmd adds ::1 to it; given its socket as systemd
    would give it, it adds nothing.
    """

    def __init__(self, folder, port, **how):
        super().__init__("epmd", folder, env={"ERL_EPMD_PORT": str(port)},
                         **how)
        self.port = port

    def argv(self):
        return ["/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec "
                "/usr/bin/epmd -systemd 3<&0 </dev/null"]

    def spawn(self):
        with socket.create_server(("127.0.0.1", self.port)) as self.stdin:
            super().spawn()

    def ready(self):
        """Asked for names it tells its own port first."""
        return ports.answers(self.port, b"\0\1n", self.port.to_bytes(4, "big"))


class RabbitMQ(Process):
    patience = 120.0
    node = NODE

    def __init__(self, folder, port, epmd_port, dist_port, **how):
        super().__init__("rabbitmq", folder, env={}, **how)
        self.port = port
        self.dist_port = dist_port
        self.url = f"amqp://guest:guest@127.0.0.1:{port}"
        self.data = self.folder / "rabbitmq"
        self.epmd_port = epmd_port
        self.options = ""  # further lines of rabbitmq.conf
        self.env = erlang_env(self.data, epmd_port)

    def prepare(self):
        (self.data / "log").mkdir(parents=True, exist_ok=True)
        (self.data / "rabbitmq.conf").write_text(
            SETTINGS.format(port=self.port) + self.options)
        (self.data / "enabled_plugins").write_text("[].\n")

    def environment(self):
        return self.env | {
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.data / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.data / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.data / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_LOG": "warning,-color",
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
            # The start script then becomes the node instead of guarding it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def argv(self):
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def ready(self):
        """The node greets only when it has booted to the end."""
        return ports.answers(self.port, b"AMQP\0\0\x09\x01", b"\1")

    def evaluate(self, expression):
        """What an Erlang expression gives, as text."""
        cookie = (self.data / ".erlang.cookie").read_text().strip()
        said = subprocess.run(
            ["/usr/bin/erl_call", "-sname", self.node, "-c", cookie, "-h",
             f"call{secrets.token_hex(4)}", "-e"],
            input=f"{expression}.\n", env=self.env, text=True,
            capture_output=True, timeout=30, check=False)
        if said.returncode or not said.stdout.startswith("{ok, "):
            raise Trouble(f"RabbitMQ refused `{expression}`: "
                          f"{said.stdout} {said.stderr}")
        return said.stdout.strip()[len("{ok, "):-1]

    def keep_queues(self):
        """Waits until it has on disk which queues there are. RabbitMQ 3.10
        writes that a moment later: killed before, it may not bring up one that
        was just made, ever ("not enough nodes online to reach a quorum")."""
        self.evaluate("[dets:sync(Table) || Table <- dets:all()]")

    def add_vhost(self, name):
        """Its URL; guest may do all in it."""
        self.evaluate(
            f'rabbit_vhost:add(<<"{name}">>, <<"stack">>), '
            f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, '
            f'<<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"stack">>)')
        return f"{self.url}/{name}"

    def delete_vhost(self, name):
        self.evaluate(f'rabbit_vhost:delete(<<"{name}">>, <<"stack">>)')
