"""Pages about the memory of a module, as it was read."""

import base64
from itertools import zip_longest

from flask import g, render_template
from werkzeug.wrappers import Response

from registry.optics import service
from registry.optics.models import Optic, OpticImage
from registry.optics.pages import pages
from registry.web.identity import actor
from registry.web.lists.downloads import SANDBOX, disposition
from registry.web.optics.view import own_optic
from registry.web.policy import allow

ROW = 16  # bytes of a line
Rows = list[tuple[str, list[tuple[str, bool]], str]]


def _own(optic_id: int, image_id: int) -> tuple[Optic, OpticImage]:
    optic = own_optic(actor(), g.customer, optic_id)
    return optic, service.image_of(actor(), optic_id, image_id)


@pages.get("/optics/<int:optic_id>/images/<int:image_id>")
@allow("asset.view")
def show_image(optic_id: int, image_id: int) -> str:
    optic, image = _own(optic_id, image_id)
    before = service.image_before(actor(), image)
    rows = rows_of(base64.b64decode(image.data), base64.b64decode(before.data) if before else None)
    known = {"before": before, "rows": rows, "zone": g.customer.time_zone}
    changed = sum(changed for _at, cells, _text in rows for _byte, changed in cells)
    return render_template("optics/image.html", optic=optic, image=image, changed=changed, **known)


@pages.get("/optics/<int:optic_id>/images/<int:image_id>/memory.bin")
@allow("asset.view")
def get_image(optic_id: int, image_id: int) -> Response:
    """The bytes, always to be saved."""
    optic, image = _own(optic_id, image_id)
    answer = Response(base64.b64decode(image.data), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = disposition(f"{optic.serial or optic.id}-{image.id}.bin")
    answer.headers.update({"Content-Security-Policy": SANDBOX, "Cache-Control": "no-store"})
    return answer


def rows_of(data: bytes, before: bytes | None = None) -> Rows:
    """(offset, [(byte, whether it was another one before)], letters) of each line of a dump."""
    pairs = list(zip_longest(data, before[: len(data)])) if before is not None else [(byte, byte) for byte in data]
    rows = []
    for start in range(0, len(data), ROW):
        cells = [(f"{new:02x}", new != old) for new, old in pairs[start : start + ROW]]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[start : start + ROW])
        rows.append((f"{start:04x}", cells, text))
    return rows
