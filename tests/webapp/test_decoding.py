"""Pictures that take hundreds of megabytes are decoded one at a time, whoever asks."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from webapp import learning
from webapp.learning import pictures


class Decoders:
    """Stands in for the processes: says how many are at work at once."""

    def __init__(self, patience_seconds):
        self.most = self._now = 0
        self._patience_seconds = patience_seconds
        self._lock = threading.Lock()
        self._second = threading.Event()

    def decode(self, data, **options):
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now > 1:
                self._second.set()
        self._second.wait(self._patience_seconds)
        with self._lock:
            self._now -= 1


@pytest.mark.parametrize(
    ("size", "file_format", "at_once"),
    [((3000, 3000), "PNG", 1), ((3000, 3000), "JPEG", 2), ((200, 200), "PNG", 2)],
)
def test_large_ones_wait_for_each_other(monkeypatch, size, file_format, at_once):
    decoders = Decoders(patience_seconds=30 if at_once > 1 else 0.5)
    monkeypatch.setattr(pictures, "_decoders", lambda: decoders)
    file = io.BytesIO()
    Image.new("L", size).save(file, file_format)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: learning.decode_apart(io.BytesIO(file.getvalue())), range(2)))
    assert decoders.most == at_once
