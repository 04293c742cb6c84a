"""Which files can be looked at without fetching them."""

from registry_sendbig.models import Blob

IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
LARGEST_IMAGE = 32 * 1024 * 1024
LARGEST_PDF = 32 * 1024 * 1024


def preview_of(blob: Blob) -> str:
    """image: as it is; pdf: pages drawn by us; "" for everything else. As the content says, never the name: what can
    hold a script (SVG, HTML) is none of these."""
    if blob.media_type in IMAGES and blob.size <= LARGEST_IMAGE:
        return "image"
    return "pdf" if blob.media_type == "application/pdf" and blob.size <= LARGEST_PDF else ""
