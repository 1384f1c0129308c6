# SPDX-License-Identifier: MIT
"""
Three RabbitMQ nodes on this machine that are one cluster, with the settings of
deploy/rabbitmq; folders, ports and an epmd of their own. For a Rig it is its
RabbitMQ, which goes on while a node is dead.
"""

import re
import secrets

from queues import Queues
from rig import ROOT
from stack import ports
from stack.rabbitmq import Epmd, RabbitMQ
from stack.stack import Stack

SHIPPED = ROOT / "deploy" / "rabbitmq" / "advanced.config"
NAMES = [f"postrider{number}@localhost" for number in (1, 2, 3)]
FORMATION = "cluster_formation.peer_discovery_backend = classic_config\n" + (
    "".join(f"cluster_formation.classic_config.nodes.{at} = {name}\n"
            for at, name in enumerate(NAMES, 1)))


class Node(RabbitMQ):
    def __init__(self, folder, name, epmd_port, cookie):
        self.node = name
        super().__init__(folder / name.partition("@")[0], ports.free(),
                         epmd_port, ports.free(), dies_with_us=True)
        self.name = name
        self.options = FORMATION
        self.cookie = cookie

    def prepare(self):
        super().prepare()
        cookie = self.data / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(self.cookie)
            cookie.chmod(0o400)

    def environment(self):
        shipped = {} if SHIPPED is None else {
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(SHIPPED)}
        return super().environment() | shipped


class LiveQueues(Queues):
    """As a node that lives sees them."""

    def __init__(self, cluster, vhost):
        self.cluster = cluster
        self.vhost = vhost

    @property
    def url(self):
        return f"{self.cluster.live().url}/{self.vhost}"


class Cluster:
    name = "rabbitmq"

    def __init__(self, folder):
        epmd = Epmd(folder, ports.free(), dies_with_us=True)
        cookie = secrets.token_hex(16)
        self.nodes = [Node(folder, name, epmd.port, cookie) for name in NAMES]
        self.stack = Stack([epmd, *self.nodes])

    def start(self):
        self.stack.start()
        running = self.evaluate("lists:sort(rabbit_nodes:all_running())")
        assert re.findall(r"postrider\d@localhost", running) == NAMES, running

    def stop(self):
        self.stack.stop()

    def live(self):
        return next(node for node in self.nodes if node.alive())

    def died(self):
        return any(node.died() for node in self.nodes)

    def urls(self, vhost):
        """RABBITMQ_URL."""
        return ",".join(f"{node.url}/{vhost}" for node in self.nodes)

    # -- what a Rig asks of its RabbitMQ

    @property
    def port(self):
        return self.live().port

    def add_vhost(self, name):
        return self.live().add_vhost(name)

    def delete_vhost(self, name):
        self.live().delete_vhost(name)

    def evaluate(self, expression):
        return self.live().evaluate(expression)

    # -- its queues

    def members(self, vhost):
        """{queue: (its leader's node, [its members' nodes])}."""
        said = self.evaluate(
            'lists:flatten([io_lib:format("~s ~w ~w;", ['
            "element(4, amqqueue:get_name(Q)), "
            "element(2, amqqueue:get_pid(Q)), "
            "maps:get(nodes, amqqueue:get_type_state(Q), [])]) "
            f'|| Q <- rabbit_amqqueue:list(<<"{vhost}">>)])')
        found = {}
        for line in said.strip('"').split(";")[:-1]:
            name, leader, *nodes = re.findall(r"[\w.@]+", line)
            found[name] = (leader, sorted(nodes))
        return found

    def leader(self, vhost, queue):
        name = self.members(vhost)[queue][0]
        return next(node for node in self.nodes if node.name == name)
