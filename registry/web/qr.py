"""QR codes for pages, as pictures that are part of the page: our content policy allows data: for images alone."""

import base64


def qr_picture(text: str) -> str:
    """The address of an SVG picture, dark on white whatever the page's colours, for an <img>."""
    return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(text)).decode()}"


def qr_svg(text: str) -> bytes:
    """The same as a file."""
    import qrcode  # only here: few processes draw any
    from qrcode.image.svg import SvgPathFillImage

    picture = qrcode.make(text, image_factory=SvgPathFillImage, error_correction=qrcode.constants.ERROR_CORRECT_M)
    return bytes(picture.to_string())
