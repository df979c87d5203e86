"""What is done to Pupil, by name. Each is given the app, the load on it, and what it stands on.

A fault begins when a third of the pictures has arrived and returns the moment when it was over.
"""

import shutil
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import redis

from tests.faults.app import ROLES, App
from tests.faults.load import Load
from tests.faults.occupied import occupied
from tests.faults.pictures import poison
from tests.faults.surroundings import Bucket, Clock, Disk, Redis, now, soon
from webapp.embedded import paths

_AWAY_SECONDS = 30
_EMPTY_SECONDS = 3
_JUMP_SECONDS = 3600
_BETWEEN_KILLS = 8.0


@dataclass
class Scene:
    """What a fault may take hold of; only what its surroundings have is there."""

    app: App
    load: Load
    disk: Disk | None = None
    clock: Clock | None = None
    queue: Redis | None = None
    bucket: Bucket | None = None
    extra_pictures: int = 0


Fault = Callable[[Scene], float]
FAULTS: dict[str, dict[str, Fault]] = {
    name: {} for name in ("embedded", "disk", "clock", "servers", "many", "split")
}
"""By what Pupil stands on."""


def fault(surroundings: str, name: str) -> Callable[[Fault], Fault]:
    def register(fault: Fault) -> Fault:
        FAULTS[surroundings][name] = fault
        return fault

    return register


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@fault("embedded", "nothing")
def _nothing(scene: Scene) -> float:
    return now()


def _kill_twice(role: str) -> Fault:
    def kill(scene: Scene) -> float:
        with occupied(role, scene.load):
            scene.app.kill(role)
            wait(_BETWEEN_KILLS)
            scene.app.kill(role)
            return now()

    return kill


for _role in ROLES:
    FAULTS["embedded"][f"kill -9 {_role}, twice"] = _kill_twice(_role)


@fault("embedded", "kill -9 the supervisor")
def _supervisor(scene: Scene) -> float:
    scene.app.kill_supervisor()
    scene.app.start()
    return now()


@fault("embedded", "PostgreSQL restarted")
def _postgres(scene: Scene) -> float:
    scene.app.parts()["postgres"].send_signal(signal.SIGINT)
    return now()


@fault("embedded", "Valkey comes back empty")
def _valkey(scene: Scene) -> float:
    shutil.rmtree(paths.valkey_data(scene.app.home) / "appendonlydir")
    scene.app.kill("valkey")
    return now()


@fault("embedded", "every message delivered twice")
def _twice(scene: Scene) -> float:
    """Send each message that goes to a queue once more, until the pictures have arrived."""
    path = str(paths.valkey_socket(scene.app.home))
    ends, sent = threading.Event(), [0]

    def repeat() -> None:
        listening, sending = (redis.Redis(unix_socket_path=path) for _ in range(2))
        seen: set[str] = set()
        with listening.monitor() as monitor:
            for told in monitor.listen():
                if ends.is_set():
                    return
                verb, _, rest = told["command"].partition(" ")
                queue, _, message = rest.partition(" ")
                if verb == "LPUSH" and queue in ROLES and message not in seen:
                    seen.add(message)
                    sending.lpush(queue, message)
                    sent[0] += 1

    threading.Thread(target=repeat, daemon=True).start()
    soon(lambda: scene.load.share >= 1, seconds=300, what="all pictures")
    wait(2)
    ends.set()
    assert sent[0], "no message was sent"
    return now()


@fault("embedded", "a picture that kills its decoder")
def _poison(scene: Scene) -> float:
    began = now()
    image = scene.load.send("poison.jpg", poison())
    scene.extra_pictures = 1
    query = "SELECT status, error_code FROM webapp_image WHERE id = %s"
    soon(
        lambda: scene.app.rows(query, image) == [("failed", "decode_failed")],
        seconds=180,
        what="the poison is refused",
    )
    print(f"  refused after {now() - began:.1f} s")
    return now()


@fault("disk", "disk full for 20 s")
def _disk_full(scene: Scene) -> float:
    assert scene.disk
    until = now() + 20
    while now() < until:
        scene.disk.fill()
        wait(0.2)
    scene.disk.empty()
    return now()


def _jump(seconds: int) -> Fault:
    def jump(scene: Scene) -> float:
        assert scene.clock
        scene.clock.jump(seconds)
        return now()

    return jump


FAULTS["clock"]["the clock jumps an hour ahead"] = _jump(_JUMP_SECONDS)
FAULTS["clock"]["the clock jumps an hour back"] = _jump(-_JUMP_SECONDS)


@fault("servers", "nothing, on Redis and S3")
def _nothing_there(scene: Scene) -> float:
    return now()


@fault("servers", "Redis away for 3 s, back empty")
def _redis(scene: Scene) -> float:
    assert scene.queue
    scene.queue.kill()
    wait(_EMPTY_SECONDS)
    scene.queue.start()
    return now()


def _bucket_fails(mode: str) -> Fault:
    def fail(scene: Scene) -> float:
        assert scene.bucket
        scene.bucket.fail(mode)
        wait(_AWAY_SECONDS)
        scene.bucket.heal()
        return now()

    return fail


FAULTS["servers"]["S3 answers 500 for 30 s"] = _bucket_fails("500")
FAULTS["servers"]["S3 is slow for 30 s"] = _bucket_fails("slow")
