# SPDX-License-Identifier: MIT
"""kill -9, at any moment; a service manager starts it again."""

from fault import Fault


def killer(service_of):
    def act(scene):
        for _ in range(scene.chance.choice((1, 2, 2, 3))):
            scene.kill(service_of(scene))
            scene.pause(0.1, 1.0)
    return act


def kill_rabbitmq(scene):
    scene.kill(scene.rabbitmq)


def lose_worker(scene):
    """It comes back when the other has decided about all that it held."""
    worker = scene.chance.choice(scene.workers)
    owner = scene.owner(worker)
    worker.kill()
    scene.note(f"kill -9 {worker.name}")
    scene.until(lambda: owner not in scene.store.smembers("owners"),
                "taken over by the other worker")
    scene.start_again(worker)


FAULTS = (
    Fault("kill-api", "`kill -9` of the API",
          killer(lambda scene: scene.rig.api)),
    Fault("kill-worker", "`kill -9` of a worker, either or both in turn",
          killer(lambda scene: scene.chance.choice(scene.workers)),
          doubt=True),
    Fault("lose-worker", "`kill -9` of a worker whose host stays away with its "
          "journal", lose_worker, doubt=True, apart=True),
    Fault("kill-redis", "`kill -9` of Redis",
          killer(lambda scene: scene.redis)),
    Fault("kill-rabbitmq", "`kill -9` of RabbitMQ", kill_rabbitmq),
    Fault("kill-events", "`kill -9` of postrider-events",
          killer(lambda scene: scene.events)),
    Fault("kill-lighttpd", "`kill -9` of lighttpd",
          killer(lambda scene: scene.rig.lighttpd)),
)
