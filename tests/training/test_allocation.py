"""Who runs networks keeps big blocks of memory; who only fits gives them back."""

import subprocess
import sys

import pytest

_WORK = """
import resource, sys
import numpy as np
from training import allocation

if sys.argv[1] == "keep":
    allocation.keep_blocks()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def batch():
    np.ones(64 * 2**20, np.uint8)

batch()
before = faults()
for _ in range(10):
    batch()
print(faults() - before)
"""


def page_faults(mode: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _WORK, mode], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_blocks_that_are_kept_are_not_asked_of_the_system_again():
    assert page_faults("keep") < page_faults("give back") / 10
