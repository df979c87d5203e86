"""Decoding in a process that may die: the picture fails, and nothing else does."""

import io
import os
import signal
import sys
import threading
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from training import decoder, images
from training.decoder import Decoders
from training.errors import ImageError

# Stands for a decoder with a fault in it: does what the bytes say, else what the real one does.
FAULTY = """
import os, sys, time, io
from training import decoder, images
real = images.decode
def decode(file, **options):
    told = file.getvalue()
    if told == b"crash": os.abort()
    if told == b"hang": time.sleep(60)
    if told == b"toil":
        while True: pass
    if told == b"eat": bytearray(decoder.MAX_MEMORY_BYTES)
    return real(file, **options)
decoder.decode = decode
decoder.CPU_SECONDS = 1
decoder.main()
"""


def jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def decoders():
    with closing(Decoders([sys.executable, "-c", FAULTY])) as faulty:
        yield faulty


def code_of(decoders: Decoders, data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decoders.decode(data)
    return caught.value.code


def pid_of_idle(decoders: Decoders) -> int:
    with decoders._one() as one:
        return one.pid


def test_pixels_are_those_of_the_plain_decoder():
    plain = images.decode(io.BytesIO(jpeg()), min_side=40)
    with closing(Decoders()) as real:
        isolated = real.decode(jpeg(), min_side=40)
    assert isolated.size == plain.size
    assert isolated.tobytes() == plain.tobytes()


def test_refusals_are_the_same_and_cost_no_process(decoders):
    decoders.decode(jpeg())
    before = pid_of_idle(decoders)
    assert code_of(decoders, b"") == "empty_file"
    assert code_of(decoders, b"no picture") == "not_an_image"
    assert code_of(decoders, jpeg()[:-500]) == "truncated_image"
    assert pid_of_idle(decoders) == before


@pytest.mark.parametrize("poison", [b"crash", b"toil"])
def test_a_picture_that_kills_its_decoder_fails_and_the_next_does_not(decoders, poison):
    assert code_of(decoders, poison) == "decode_failed"
    assert decoders.decode(jpeg()).size == (120, 90)


@pytest.fixture
def started(monkeypatch):
    """A list with an entry for each process that was started."""
    processes = []

    class Counted(decoder.Decoder):
        def __init__(self, *arguments, **options):
            processes.append(self)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(decoder, "Decoder", Counted)
    return processes


def test_a_picture_that_takes_too_long_is_not_tried_again(started):
    with closing(Decoders([sys.executable, "-c", FAULTY], timeout_seconds=2)) as faulty:
        assert code_of(faulty, b"hang") == "decode_failed"
        assert code_of(faulty, b"toil") == "decode_failed"
        assert len(started) == 2
    with closing(Decoders([sys.executable, "-c", FAULTY], timeout_seconds=10)) as faulty:
        assert code_of(faulty, b"hang") == "decode_failed"
        assert faulty.decode(jpeg()).size == (120, 90)


def test_a_picture_at_which_its_decoder_dies_is_tried_once_more(started):
    with closing(Decoders([sys.executable, "-c", FAULTY])) as faulty:
        assert code_of(faulty, b"crash") == "decode_failed"
    assert len(started) == 2


def test_a_picture_that_eats_memory_is_stopped(decoders):
    with pytest.raises(ImageError):
        decoders.decode(b"eat")
    assert decoders.decode(jpeg()).size == (120, 90)


def test_a_decoder_killed_by_others_costs_no_picture(decoders):
    decoders.decode(jpeg())
    os.kill(pid_of_idle(decoders), signal.SIGKILL)
    assert decoders.decode(jpeg()).size == (120, 90)


def test_nonsense_is_not_believed():
    answer = "import sys; sys.stdin.buffer.readline(); print('{\"size\": [99999999, 99999999]}')"
    assert code_of(Decoders([sys.executable, "-c", answer]), b"x") == "decode_failed"


def test_each_thread_has_its_own(decoders):
    sizes = []
    threads = [
        threading.Thread(target=lambda: sizes.append(decoders.decode(jpeg()).size))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [(120, 90)] * 3


def test_it_knows_no_networks():
    assert not {"torch", "timm"} & set(vars(decoder))
