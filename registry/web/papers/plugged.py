"""What plugins need for papers of their own: a sheet in the reader's language, addresses, labels for boxes."""

from collections.abc import Sequence

from werkzeug.wrappers import Response

from registry.assets.models import Asset
from registry.contracts.whereabouts import site_of
from registry.customers.models import Site
from registry.kernel import fonts, language
from registry.kernel.access import Actor, visible
from registry.kernel.paper import LEFT, RIGHT, Paper
from registry.labels.drawing import pdf
from registry.labels.layout import EDGE, LARGEST_TEXT, POINT, Said, lay_out
from registry.labels.sheets import SHEETS
from registry.web.identity import settings
from registry.web.labels import answer_of, label_address
from registry.web.words.countries import country

BOX = SHEETS["tape-62-long"]
BESIDE_CODE = RIGHT - LEFT - 110  # points of width that a QR code at the head of a paper leaves


def new_paper(name: str) -> Paper:
    """An empty paper in the language of the moment, issued by the operator."""
    return Paper(name, issuer(), language.current())


def issuer() -> str:
    """The operator's name, as papers say it; "" where nobody has given it."""
    return settings().operator


def postal_address(actor: Actor, asset: Asset) -> str:
    """Where the unit stands, in lines; a unit inside of another stands where that one does. "" when nobody knows."""
    site_id = site_of(actor, asset)
    site = visible(Site, actor).where(Site.id == site_id).first() if site_id else None
    if site is None:
        return ""
    town = " ".join(part for part in (site.postal_code, site.city) if part)
    return "\n".join(part for part in (site.name, site.address, town, site.province, country(site.country)) if part)


def print_label(name: str, code: str, lines: Sequence[tuple[str, bool]]) -> Response:
    """A label of 62 x 100 mm with the QR code of `code` above `lines` of (text, bold), to be saved as <name>.pdf.

    Raises Unprintable, naming every character that no font has.
    """
    ready = [Said(part, bold) for text, bold in lines for part in _wrapped(text, bold)]
    layout = lay_out(BOX.wide, BOX.high, label_address(code), ready, large=False)
    return answer_of(pdf(BOX, [layout], title=name), "pdf", name)


def _wrapped(text: str, bold: bool) -> list[str]:
    room = (BOX.wide - 6 * EDGE) / POINT
    return fonts.wrapped(fonts.written(text), room, LARGEST_TEXT * (1 if bold else 0.8), bold=bold)
