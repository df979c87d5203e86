"""How fast this machine can look at pictures at all: the limit that the app is measured against."""

from training.benchmark.speed.decoding import measure_decoding
from training.benchmark.speed.forward import measure_forward, measure_plain_loop
from training.benchmark.speed.pictures import Photos, made_up, of_folder
from training.benchmark.speed.spread import spread

__all__ = [
    "Photos",
    "made_up",
    "measure_decoding",
    "measure_forward",
    "measure_plain_loop",
    "of_folder",
    "spread",
]
