"""Ask an exported version about pictures: `python run_onnx.py VERSION.onnx PICTURE…`."""

import json
import math
import sys
from typing import IO

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image, ImageOps


def pixels(file: str | IO[bytes], short: int, long: int) -> NDArray[np.uint8]:
    """Read a picture as Pupil does: no larger than needed, upright, on white."""
    image: Image.Image = Image.open(file)
    scale = max(short / min(image.size), long / max(image.size))
    image.draft(None, (math.ceil(image.width * scale), math.ceil(image.height * scale)))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = image.reduce(max(1, min(min(image.size) // short, max(image.size) // long)))
    image = ImageOps.exif_transpose(image).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image.thumbnail((2048, 2048))
    return np.asarray(image)


if __name__ == "__main__":
    session = onnxruntime.InferenceSession(sys.argv[1])
    about = session.get_modelmeta().custom_metadata_map
    names, sides = json.loads(about["concepts"]), json.loads(about["sides"])
    for file in sys.argv[2:]:
        probabilities, present = session.run(None, {"pixels": pixels(file, *sides)})
        for name, p, is_present in zip(names, probabilities, present, strict=True):
            print(f"{file}: {name} {p:.4f}", "present" if is_present else "")
