"""Reading back what was printed: pages as pictures, codes as a telephone reads them."""

from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

DPI = 300


def pages(data: bytes, dpi: int = DPI) -> list[Any]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def codes_on(picture: Any) -> list[Any]:
    """[{text, format, position, error correction ...}] as the decoder tells them."""
    return list(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode))


def texts(data: bytes, dpi: int = DPI) -> list[str]:
    return [found.text for page in pages(data, dpi) for found in codes_on(page)]


def picture(data: bytes) -> Any:
    return Image.open(BytesIO(data)).convert("L")
