import subprocess
import sys

FIRST_TOGETHER = """
import pathlib, sys, threading
import numpy as np
from training.backbones import get_spec
from training.engines import OpenVinoEngine
branch = get_spec("lite0").branches[0]
engine = OpenVinoEngine(branch, cache_dir=pathlib.Path(sys.argv[1]), threads=2, streams=2)
together = threading.Barrier(4)
def go():
    together.wait()
    engine.features(np.zeros((1, branch.size, branch.size, 3), np.uint8))
threads = [threading.Thread(target=go) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_threads_that_are_first_together_do_not_wait_for_each_other(tmp_path):
    """In a process of its own: OpenVINO is first used once, and half of the time it hung."""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", FIRST_TOGETHER, tmp_path], check=True, timeout=120)
