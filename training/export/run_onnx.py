"""Ask an exported version about pictures: `python run_onnx.py VERSION.onnx PICTURE…`."""

import json
import sys
from typing import IO

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image, ImageOps


def pixels(file: str | IO[bytes]) -> NDArray[np.uint8]:
    """Read a picture as Pupil does: no larger than needed, upright, on white."""
    image: Image.Image = Image.open(file)
    image.draft(None, (512, 512))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = ImageOps.exif_transpose(image.reduce(max(1, min(image.size) // 512))).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image.thumbnail((2048, 2048))
    return np.asarray(image)


if __name__ == "__main__":
    session = onnxruntime.InferenceSession(sys.argv[1])
    names = json.loads(session.get_modelmeta().custom_metadata_map["concepts"])
    for file in sys.argv[2:]:
        probabilities, present = session.run(None, {"pixels": pixels(file)})
        for name, probability, is_present in zip(names, probabilities, present, strict=True):
            print(f"{file}: {name} {probability:.4f}", "present" if is_present else "")
