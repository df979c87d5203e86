"""`python -m tests.fuzz_pictures [COUNT] [FOLDER]`: damaged pictures, read as uploads are.

COUNT files are made of pictures in every format by flipping, cutting, repeating and inserting
bytes; those of FOLDER come on top. Prints what became of them; fails where an error is not one of
ours.
"""

import io
import random
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from training.decoder import Decoders
from training.errors import ImageError
from training.images import probe

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF")


def seeds() -> list[bytes]:
    pillow_heif.register_heif_opener()
    whole = []
    for number, name in enumerate(_FORMATS):
        buffer = io.BytesIO()
        noise = np.random.default_rng(number).integers(0, 255, (61, 97, 3), dtype=np.uint8)
        Image.fromarray(noise).save(buffer, name)
        whole.append(buffer.getvalue())
    return whole


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the file with one to eight faults in it."""
    file = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(file))
        length = chance.choice((1, 2, 4, 64))
        match chance.randrange(5):
            case 0:
                file[at] ^= 1 << chance.randrange(8)
            case 1:
                file[at : at + length] = bytes([chance.choice((0, 127, 128, 255))] * length)
            case 2:
                file[at:at] = chance.randbytes(length)
            case 3:
                file[at : at + length] = file[: 2 * length]
            case _:
                del file[max(1, at) :]
    return bytes(file)


def state(decoders: Decoders) -> tuple[int, int]:
    """Return the id of the process that decodes next, and the most memory it had, in MB."""
    with decoders._one() as one:
        status = Path(f"/proc/{one.pid}/status").read_text()
        return one.pid, int(status.split("VmHWM:")[1].split()[0]) // 1024


def main(count: int, folder: Path | None) -> int:
    chance = random.Random(7)  # noqa: S311  repeatable
    whole = seeds()
    files = [damaged(chance.choice(whole), chance) for _ in range(count)]
    if folder:
        files += [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    with closing(Decoders()) as decoders:
        first, _ = state(decoders)
        for data in files:
            began = time.perf_counter()
            try:
                probe(io.BytesIO(data))
                decoders.decode(data, min_side=260, min_long_side=512)
                outcomes["read"] += 1
            except ImageError as error:
                outcomes[error.code] += 1
            slowest = max(slowest, time.perf_counter() - began)
        last, peak_megabytes = state(decoders)
    for outcome, number in outcomes.most_common():
        print(f"{number:6} {outcome}")
    died = "no decoder died" if first == last else "a decoder died"
    print(
        f"{len(files)} files: {died}, slowest {slowest:.2f} s, decoder's peak {peak_megabytes} MB"
    )
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(
        main(
            int(arguments[0]) if arguments else 2000,
            Path(arguments[1]) if len(arguments) > 1 else None,
        )
    )
