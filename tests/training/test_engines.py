import subprocess
import sys

FIRST_TOGETHER = """
import pathlib, sys, threading
import numpy as np
from PIL import Image
from training.embed import Embedder
embedder = Embedder.load(cache_dir=pathlib.Path(sys.argv[1]), threads=2, streams=2)
together, answers = threading.Barrier(4), {}
def pictures(count):
    return {n: Image.new("RGB", (320, 240), (50 * count, 40 * n, 0)) for n in range(count)}
def go(count):
    together.wait()
    answers[count] = embedder.embed(pictures(count))
threads = [threading.Thread(target=go, args=(count,)) for count in range(1, 5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(answers) == 4
for count, answer in answers.items():
    for n, vector in embedder.embed(pictures(count)).items():
        np.testing.assert_allclose(answer[n], vector, atol=1e-4)
"""


def test_threads_that_are_first_together_get_each_its_own_answer(network_cache):
    """In a process of its own: OpenVINO is first used once, and half of the time they hung."""
    for _ in range(3):
        subprocess.run(
            [sys.executable, "-c", FIRST_TOGETHER, network_cache], check=True, timeout=120
        )
