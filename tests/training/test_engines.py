import subprocess
import sys

FIRST_TOGETHER = """
import pathlib, sys, threading
import numpy as np
from training.backbones import get_spec
from training.engines import OpenVinoEngine
branch = get_spec("lite0").branches[0]
engine = OpenVinoEngine(branch, cache_dir=pathlib.Path(sys.argv[1]), threads=2, streams=2)
together, answers = threading.Barrier(4), {}
def pixels(level):
    return np.full((level, branch.size, branch.size, 3), 50 * level, np.uint8)
def go(level):
    together.wait()
    answers[level] = engine.features(pixels(level))
threads = [threading.Thread(target=go, args=(level,)) for level in range(1, 5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for level, answer in answers.items():
    np.testing.assert_allclose(answer, engine.features(pixels(level)), atol=1e-4)
assert len(answers) == 4
"""


def test_threads_that_are_first_together_get_each_its_own_answer(tmp_path):
    """In a process of its own: OpenVINO is first used once, and half of the time they hung."""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", FIRST_TOGETHER, tmp_path], check=True, timeout=120)
