"""What routes about labels share: what every label says, how printed ones leave, what a scan means."""

from functools import lru_cache
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from registry.kernel.language import _
from registry.labels.codes import address
from registry.labels.pictures import code_svg
from registry.labels.printing import TYPES, Printer
from registry.labels.resolving import Meaning, told
from registry.labels.scanning import TARGETS, Opened
from registry.web.identity import actor, settings
from registry.web.lists.downloads import disposition


def printer() -> Printer:
    chosen = settings()
    return Printer(chosen.address, chosen.operator, chosen.operator_phone)


def label_address(code: str) -> str:
    """What the QR code of a label says."""
    return address(settings().address, code)


def code_picture(code: str) -> bytes:
    """The code of a label as SVG."""
    return _picture(label_address(code))


@lru_cache(maxsize=256)
def _picture(text: str) -> bytes:
    return code_svg(text)


def answer_of(data: bytes, form: str, name: str = "") -> Response:
    """A file to be saved: what was printed may not be shown in place of a page of ours."""
    made = Response(data, content_type=TYPES[form])
    made.headers["Content-Disposition"] = disposition(f"{name or _('Labels')}.{form}")
    made.headers["Cache-Control"] = "no-store"
    return made


def target_of(opened: Opened) -> str:
    """Where somebody who may see the unit of a label is led."""
    for target in TARGETS:
        path = target(actor(), opened)
        if path and path.startswith("/") and not path.startswith(("//", "/\\")):
            return path
    return url_for("assets.show_asset", slug=opened.slug, asset_id=opened.asset_id)


def meaning_body(meaning: Meaning) -> dict[str, Any]:
    """As MeaningOut."""
    opened = meaning.opened
    return {
        "how": meaning.how,
        "state": opened.on if opened else None,
        "code": opened.code if opened else None,
        "label_id": opened.label_id if opened else None,
        "assets": told(actor(), meaning.units) if meaning.units else [],
    }
