"""A browser whose camera shows what we hold in front of it: pictures of codes, made into a film that begins again and
again."""

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from tests.browser import ARGUMENTS
from tests.labels.printed import pages

SIZE = (640, 480)
FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode, "matrix": zxingcpp.BarcodeFormat.DataMatrix,
    "128": zxingcpp.BarcodeFormat.Code128, "ean": zxingcpp.BarcodeFormat.EAN13,
}  # fmt: skip


def drawn(kind: str, text: str, **options: bool) -> Any:
    """A code as a picture, with white around it."""
    bits = memoryview(zxingcpp.create_barcode(text, FORMATS[kind], **options).to_image(scale=4))
    high, wide = bits.shape[:2]
    code = Image.frombytes("L", (wide, high), bits.tobytes())
    picture = Image.new("L", (wide + 80, high + 80), 255)
    picture.paste(code, (40, 40))
    return picture


def first_label(sheet: bytes) -> Any:
    """The first label of a printed sheet (PDF), cut out."""
    page = pages(sheet)[0]
    code = zxingcpp.read_barcodes(page)[0].position
    side = code.bottom_right.x - code.top_left.x
    left, top = code.top_left.x - side // 2, code.top_left.y - side // 2
    return page.crop((max(left, 0), max(top, 0), left + 4 * side, top + 2 * side))


def framed(picture: Any, turn: int = 0) -> Any:
    """What the camera sees: the picture in the middle, held a little crooked, before something grey."""
    frame = Image.new("L", SIZE, 150)
    picture = picture.convert("L")
    picture.thumbnail((520, 380))
    tilted = picture.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR)
    frame.paste(tilted, ((SIZE[0] - tilted.width) // 2, (SIZE[1] - tilted.height) // 2))
    return frame


def film(path: Path, *pictures: Any, frames: int = 30) -> Path:
    """Each picture for so many frames, as .mjpeg."""
    with path.open("wb") as file:
        for picture in pictures:
            for number in range(frames):
                file.write(jpeg(framed(picture, (number % 3) - 1)))
    return path


def jpeg(picture: Any) -> bytes:
    made = BytesIO()
    picture.convert("RGB").save(made, "JPEG", quality=85)
    return made.getvalue()


def png(picture: Any) -> bytes:
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def with_camera(chromium: Any, shown: Path | None = None, count: int = 1) -> Any:
    """Another browser, before whose camera the film runs; without one it has several, and they show nothing to read."""
    fake = [f"--use-fake-device-for-media-stream=device-count={count}"]
    fake += [f"--use-file-for-fake-video-capture={shown}"] if shown else []
    return chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=[*ARGUMENTS, *fake])
