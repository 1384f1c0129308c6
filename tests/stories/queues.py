# SPDX-License-Identifier: MIT
"""The queues of one vhost, as an older client or an operator sees them."""

import json
import time

import pika
from pika.exceptions import ChannelClosedByBroker


class Queues:
    def __init__(self, url):
        self.url = url

    def channel(self):
        return pika.BlockingConnection(pika.URLParameters(self.url)).channel()

    def publish(self, queue, *bodies, headers=None):
        """Persistent and confirmed; a body is bytes, or made JSON."""
        channel = self.channel()
        try:
            channel.confirm_delivery()
            for body in bodies:
                if not isinstance(body, bytes):
                    body = json.dumps(body).encode()
                channel.basic_publish(
                    "", queue, body, pika.BasicProperties(
                        delivery_mode=2, content_type="application/json",
                        headers=headers), mandatory=True)
        finally:
            channel.connection.close()

    def depth(self, queue):
        """Messages ready in it; None: there is no such queue."""
        channel = self.channel()
        try:
            return channel.queue_declare(queue, passive=True
                                         ).method.message_count
        except ChannelClosedByBroker:
            return None
        finally:
            channel.connection.close()

    def depths(self, *queues):
        """{queue: messages ready in it}; they are all there."""
        channel = self.channel()
        try:
            return {queue: channel.queue_declare(queue, passive=True
                                                 ).method.message_count
                    for queue in queues}
        finally:
            channel.connection.close()

    def take(self, queue, count=1, seconds=20):
        """[(properties, body)] of that many messages, taken off the queue."""
        channel = self.channel()
        taken = []
        deadline = time.monotonic() + seconds
        try:
            while len(taken) < count:
                method, properties, body = channel.basic_get(queue,
                                                             auto_ack=True)
                if method:
                    taken.append((properties, body))
                    continue
                assert time.monotonic() < deadline, (
                    f"{len(taken)} of {count} messages in {queue} after "
                    f"{seconds} s")
                channel.connection.sleep(0.05)
        finally:
            channel.connection.close()
        return taken
