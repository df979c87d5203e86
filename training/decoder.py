"""Decodes strangers' bytes in a process of its own, which may die without taking anybody along.

Decoders are written in C and fed by whoever likes: one that crashes, hangs or eats memory costs its
picture and no worker. The process is small (no networks), has bounded memory, and is kept for the
next picture. It answers in JSON and raw pixels, and its answers are checked: it may have been taken
over.
"""

import io
import json
import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from queue import Empty, LifoQueue
from typing import IO, Any

from PIL import Image

from training.allocation import keep_blocks
from training.errors import ImageError
from training.images import DEFAULT_LIMITS, ImageLimits, decode

TIMEOUT_SECONDS = 30.0
# Of a processor's time, so that a busy machine is not taken for a picture that never ends. The
# largest that are let in take a third of it.
CPU_SECONDS = 12
MAX_MEMORY_BYTES = 3 * 2**30
_ATTEMPTS = 2  # the first death may have been another's fault
_MAX_SIDE = 2**16
_MAX_HEADER_BYTES = 2**16
_COMMAND = (sys.executable, "-m", "training.decoder")
_ROOT = Path(__file__).resolve().parent.parent


class _DeadError(Exception):
    """The process died or answered nonsense."""


class _TooSlowError(Exception):
    """The picture took more time than any sound one does: no second try would be quicker."""


class Decoder:
    """One process, for one picture at a time.

    Args:
        command: what to run; it reads requests from its input and answers on its output.
        timeout_seconds: after which it is killed.
    """

    def __init__(
        self, command: Sequence[str] = _COMMAND, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._timeout_seconds = timeout_seconds
        # One thread each: as many pictures as there are processes are decoded side by side.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603  our own module
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            env=environment,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def decode(self, data: bytes, **options: Any) -> Image.Image:
        """Decode one picture.

        Raises:
            ImageError: it is no picture that can be used.
            _DeadError: the process is of no use any more.
            _TooSlowError: nor is it after this.
        """
        timer = threading.Timer(self._timeout_seconds, self._process.kill)
        timer.start()
        try:
            _send(self._pipe("stdin"), {"bytes": len(data), **options}, data)
            answer, pixels = self._receive()
        except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
            is_late = self._ran_out_of_cpu() or not timer.is_alive()
            raise (_TooSlowError if is_late else _DeadError) from error
        finally:
            timer.cancel()
        if pixels is None:
            raise ImageError(*answer["error"])
        return Image.frombytes("RGB", tuple(answer["size"]), pixels)

    def _receive(self) -> tuple[dict[str, Any], bytes | None]:
        output = self._pipe("stdout")
        answer = json.loads(output.readline(_MAX_HEADER_BYTES))
        if "error" in answer:
            code, message = answer["error"]
            return {"error": (str(code), str(message))}, None
        width, height = answer["size"]
        if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
            raise ValueError
        return answer, _exactly(output, 3 * width * height)

    def _ran_out_of_cpu(self) -> bool:
        """End the process; return whether that had come by itself, since its time was up."""
        self._process.kill()
        return self._process.wait() == -signal.SIGXCPU

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self._process, name)
        return pipe

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for name in ("stdin", "stdout"):
            try:
                self._pipe(name).close()
            except OSError:  # what was not sent any more
                continue


class Decoders:
    """As many decoders as threads ask at the same time, each used again."""

    def __init__(self, command: Sequence[str] = _COMMAND, **options: Any) -> None:
        self._command, self._options = command, options
        self._idle: LifoQueue[Decoder] = LifoQueue()

    def decode(self, data: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, **options: Any) -> Any:
        """Decode as `training.images.decode` does, but out of harm's way.

        Raises:
            ImageError: the bytes are no picture that can be used, or kill whoever decodes them.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._one() as decoder:
                    return decoder.decode(data, limits=asdict(limits), **options)
            except _DeadError:
                continue
            except _TooSlowError:
                break
        raise ImageError("decode_failed", "The picture is damaged and cannot be read.")

    def close(self) -> None:
        """End the processes that are not at work."""
        while not self._idle.empty():
            self._idle.get().close()

    @contextmanager
    def _one(self) -> Iterator[Decoder]:
        try:
            decoder = self._idle.get_nowait()
        except Empty:
            decoder = Decoder(self._command, **self._options)
        try:
            yield decoder
        except ImageError:
            self._idle.put(decoder)
            raise
        except BaseException:
            decoder.close()
            raise
        self._idle.put(decoder)


def _send(pipe: IO[bytes], header: dict[str, Any], data: bytes) -> None:
    pipe.write(json.dumps(header).encode() + b"\n")
    pipe.write(data)
    pipe.flush()


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    data = pipe.read(count)
    if len(data) != count:
        raise EOFError("cut off")
    return data


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Decode what comes until there is no more."""
    while line := requests.readline():
        asked = json.loads(line)
        data = _exactly(requests, asked.pop("bytes"))
        limits = ImageLimits(**asked.pop("limits"))
        _allow_cpu_seconds(CPU_SECONDS)
        try:
            picture = decode(io.BytesIO(data), limits=limits, **asked)
        except ImageError as error:
            _send(answers, {"error": [error.code, error.message]}, b"")
        else:
            _send(answers, {"size": picture.size}, picture.tobytes())


def _allow_cpu_seconds(seconds: int) -> None:
    """Die once so much more of a processor's time was taken."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def main() -> None:
    """Serve on standard input and output, which nothing else may write to, with bounded memory."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    keep_blocks()
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
