import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import drawn_picture
from training.errors import ImageError
from training.images import ImageLimits, decode, probe, thumbnail


def encoded(image, format_name, **options):
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    buffer.seek(0)
    return buffer


def refused(data, **options):
    with pytest.raises(ImageError) as caught:
        decode(io.BytesIO(data) if isinstance(data, bytes) else data, **options)
    return caught.value.code


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF"])
def test_reads_what_phones_and_browsers_write(name):
    picture = drawn_picture((64, 48), (32, 24, 12))
    file = encoded(picture, name)
    info = probe(file)
    decoded = decode(file)
    assert (info.width, info.height) == decoded.size == (64, 48)
    assert decoded.mode == "RGB"
    difference = np.abs(np.asarray(decoded, int) - np.asarray(picture, int))
    assert difference.mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_stands_upright_whatever_the_camera_did(orientation, name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(drawn_picture((80, 40), (60, 20, 8)), name, exif=exif)
    info, image = probe(file), decode(file)
    assert (info.width, info.height) == image.size
    assert image.size == ((40, 80) if orientation >= 5 else (80, 40))


def test_a_sideways_picture_is_turned_the_right_way():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its left side: turn clockwise
    stored = Image.new("RGB", (40, 20))
    stored.paste((255, 255, 255), (0, 0, 20, 20))
    upright = np.asarray(decode(encoded(stored, "PNG", exif=exif)))
    assert upright[:20].min() == 255
    assert upright[20:].max() == 0


def test_transparent_parts_become_white():
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert decode(encoded(image, "PNG")).getpixel((4, 4)) == (255, 255, 255)


def test_sixteen_bits_keep_their_brightness():
    values = np.full((8, 8), 32768, np.uint16)
    red, green, blue = decode(encoded(Image.fromarray(values), "PNG")).getpixel((4, 4))
    assert red == green == blue
    assert abs(red - 128) <= 1


def test_many_sixteen_bit_pixels_are_never_floats_all_at_once():
    file = encoded(Image.fromarray(np.zeros((4000, 4000), np.uint16)), "PNG", compress_level=1)
    tracemalloc.start()
    try:
        decode(file, min_side=200)
        assert tracemalloc.get_traced_memory()[1] < 4000 * 4000 * 6
    finally:
        tracemalloc.stop()


def test_cmyk_and_palette_become_rgb():
    blue = Image.new("RGB", (16, 16), (20, 40, 220))
    for image, name in ((blue.convert("CMYK"), "JPEG"), (blue.convert("P"), "PNG")):
        red, _, strong = decode(encoded(image, name)).getpixel((8, 8))
        assert strong > red + 80


def test_only_the_first_frame_of_many_is_read():
    frames = [Image.new("RGB", (8, 8), (n % 256, 0, 0)) for n in range(600)]
    file = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(file).getpixel((0, 0)) == (0, 0, 0)


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_a_large_picture_may_come_back_smaller_but_not_too_small(name):
    image = decode(encoded(Image.new("RGB", (1600, 1200)), name), min_side=200)
    assert 200 <= min(image.size) < 1200
    assert image.width / image.height == pytest.approx(4 / 3, abs=0.02)


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_either_side_can_ask_for_more(name):
    image = decode(encoded(Image.new("RGB", (1600, 400)), name), min_side=100, min_long_side=900)
    assert image.width >= 900


def test_a_small_picture_keeps_its_size():
    assert decode(encoded(Image.new("RGB", (30, 20)), "JPEG"), min_side=200).size == (30, 20)


def test_an_empty_file_is_named_so():
    assert refused(b"") == "empty_file"


def test_noise_is_not_an_image():
    assert refused(b"no picture at all" * 20) == "not_an_image"


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF", b"%PDF-1.7"]
)
def test_other_formats_are_named_and_refused(data):
    assert refused(data) == "unsupported_format"


def test_a_cut_off_picture_is_refused():
    data = encoded(drawn_picture(), "JPEG").getvalue()
    assert refused(data[: len(data) // 2]) == "truncated_image"


def test_a_header_that_promises_too_much_is_refused_before_decoding():
    header = struct.pack(">IIBBBBB", 65535, 65535, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    data += struct.pack(">I", zlib.crc32(chunk)) + struct.pack(">I", 0) + b"IDAT" + b"\0" * 4
    assert refused(data) == "too_many_pixels"
    with pytest.raises(ImageError):
        probe(io.BytesIO(data))


def test_a_file_over_the_limit_is_refused_unread():
    assert refused(b"x" * 101, limits=ImageLimits(max_bytes=100)) == "file_too_large"


def test_a_text_chunk_that_unpacks_to_a_flood_is_refused():
    text = zlib.compress(b"\0" * 300_000_000, 9)
    chunk = b"zTXt" + b"k\0\0" + text
    plain = encoded(Image.new("RGB", (4, 4)), "PNG").getvalue()
    bomb = plain[:33] + struct.pack(">I", len(chunk) - 4) + chunk
    bomb += struct.pack(">I", zlib.crc32(chunk)) + plain[33:]
    assert refused(bomb) == "decode_failed"


def test_a_thumbnail_is_a_small_jpeg_of_the_same_proportions():
    small = thumbnail(Image.new("RGB", (2000, 1000)), max_side=128)
    assert (small.width, small.height) == (128, 64)
    assert probe(io.BytesIO(small.data)).content_type == small.content_type == "image/jpeg"
