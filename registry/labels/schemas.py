"""Shapes of input about labels."""

from typing import Any

from marshmallow import fields, validate

from registry.kernel.shapes import BLANKS, MAX_ID, Flag, Line, Real, Ref, Shape, Slug
from registry.labels.barcodes import as_read
from registry.labels.models import SYMBOLOGIES
from registry.labels.pictures import RESOLUTIONS
from registry.labels.printing import FORMS, MOST, MOST_COPIES
from registry.labels.service import MOST as MOST_CODES


def _id(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, MAX_ID), **options)


def _count(most: int, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(1, most), **options)


def _millimetres(least: float, most: float, **options: Any) -> Real:
    return Real(validate=validate.Range(least, most), **options)


class Scanned(Line):
    """What a scanner read of anybody's barcode: the separators of its parts may be in it (barcodes.py)."""

    def json_schema(self) -> dict[str, Any]:
        separators, others = r"\u0004\u001c-\u001f", r"\u0000-\u0003\u0005-\u001b\u007f"
        written = rf"^[^{others}]*[^{others}{separators}{BLANKS}][^{others}]*$"
        return {**super().json_schema(), "pattern": written}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        super()._deserialize(as_read(value) if isinstance(value, str) else value, *args, **kwargs)
        return str(value).strip()


class LabelIn(Shape):
    """`asset`: the unit that is to get a code."""

    asset = Ref(required=True)


class LabelClaim(Shape):
    """`code`: as it stands on the label, or the whole address that it says. `replace`: the label that the unit had
    leads to this one from now on."""

    code = Line(max=400, min=1, required=True)
    asset = Ref(required=True)
    replace = Flag()


class Revocation(Shape):
    reason = Line(max=255)


class BatchIn(Shape):
    """`customer`: left out for labels of the house."""

    customer = Ref()
    count = _count(MOST_CODES, required=True)


class BatchOut(Shape):
    batch = fields.String(required=True)
    count = fields.Integer(required=True)
    customer = fields.String(allow_none=True, required=True)


class BarcodeText(Shape):
    text = Scanned(max=255, min=1, required=True)
    symbology = fields.String(validate=validate.OneOf(SYMBOLOGIES))


class BarcodeIn(BarcodeText):
    asset = Ref(required=True)


class ResolveQuery(Shape):
    """`q`: what was scanned or typed."""

    q = Scanned(max=400, min=1, required=True)


class MeaningOut(Shape):
    """`how`: label, barcode or serial; "" when it means nothing that you can see. `state`: of a label: unit, revoked,
    free."""

    how = fields.String(required=True)
    state = fields.String(allow_none=True, required=True)
    code = fields.String(allow_none=True, required=True)
    label_id = fields.Integer(allow_none=True, required=True)
    assets = fields.List(fields.Dict(), required=True)


class Looks(Shape):
    """How labels come out, whatever they are for."""

    sheet = Line(max=64)
    template = Slug(pattern=r"^[a-z][a-z0-9_-]{0,62}\Z")
    start = _count(1000)
    copies = _count(MOST_COPIES)
    offset_x = _millimetres(-10, 10)
    offset_y = _millimetres(-10, 10)
    text = Line(max=100)
    dpi = fields.Integer(strict=True, validate=validate.OneOf(RESOLUTIONS))
    format = fields.String(validate=validate.OneOf(FORMS))


class PrintIn(Looks):
    """One of `assets`, `site`, `import` and `batch` says for what. `customer`: left out by who has only one, and for a
    batch of the house."""

    customer = Ref()
    assets = fields.List(_id(), validate=validate.Length(1, MOST))
    site = Ref()
    batch = Line(max=32, min=1)


PrintIn._declared_fields["import"] = _id()  # a word of Python's own


class SheetChange(Shape):
    """Lengths in millimetres. `pitch_x`, `pitch_y`: from one label to the next, gap and all; left out where there is no
    gap."""

    name = Line(max=64, min=1)
    page_wide = _millimetres(10, 500)
    page_high = _millimetres(5, 1000)
    columns = _count(50)
    rows = _count(100)
    wide = _millimetres(5, 500)
    high = _millimetres(5, 1000)
    left = _millimetres(-10, 500)
    top = _millimetres(-10, 1000)
    pitch_x = _millimetres(0, 500)
    pitch_y = _millimetres(0, 1000)


class SheetIn(SheetChange):
    """`customer`: left out for a sheet of the house."""

    customer = Ref()
    name = Line(max=64, min=1, required=True)
    page_wide = _millimetres(10, 500, required=True)
    page_high = _millimetres(5, 1000, required=True)
    wide = _millimetres(5, 500, required=True)
    high = _millimetres(5, 1000, required=True)
