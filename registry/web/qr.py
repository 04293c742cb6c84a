"""QR codes for pages, as pictures that are part of the page: our content policy allows data: for images alone."""

import base64

import qrcode
from qrcode.image.svg import SvgPathFillImage


def qr_picture(text: str) -> str:
    """The address of an SVG picture, dark on white whatever the page's colours, for an <img>."""
    picture = qrcode.make(text, image_factory=SvgPathFillImage, error_correction=qrcode.constants.ERROR_CORRECT_M)
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.to_string()).decode()}"
