"""Shapes of what comes in about releases: unknown fields are errors, and each error names its field."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate

from registry.sdk import Date, Line, Prose, Ref, Shape, Whole
from registry_sendbig.releases.report import DEFAULT, LARGEST, STATES
from registry_sendbig.releases.service import AUDIENCES, FILE_KINDS
from registry_sendbig.releases.versions import LONGEST


def version_line(**more: Any) -> Line:
    return Line(max=LONGEST, **more)


class SendbigReleaseChange(Shape):
    title = Line(min=1, max=255)
    version_name = version_line()
    from_version = version_line()
    below_version = version_line()
    problem = Prose(max=10_000)
    known_error = Line(max=255)
    note = Prose(max=50_000)


class SendbigReleaseIn(SendbigReleaseChange):
    """`product`: of the house's catalogue. `version_name`: what a unit has once the patch is on it; affected are those
    from `from_version` on (empty: any) and before `below_version` (empty: before version_name)."""

    product = Ref(required=True)
    title = Line(min=1, max=255, required=True)


class SendbigFileMark(Shape):
    kind = fields.String(validate=validate.OneOf(FILE_KINDS))
    audience = fields.String(validate=validate.OneOf(AUDIENCES))


class SendbigWithdrawal(Shape):
    reason = Prose(max=5_000, required=True)


class SendbigGrantIn(Shape):
    """A document for somebody without a contract. `until`: the last day on which it can be fetched (UTC)."""

    customer = Ref(required=True)
    email = Line(min=1, max=255, required=True)
    reason = Prose(max=5_000, required=True)
    until = Date(allow_none=True)


class SendbigUnit(Shape):
    asset = Ref(allow_none=True)
    licence = Ref(allow_none=True)


class SendbigVersion(SendbigUnit):
    version = version_line(min=1, required=True)


class SendbigVersionIn(SendbigVersion):
    customer = Ref(required=True)


class SendbigVersionsIn(Shape):
    """Many at once, all or none: `items`, or `csv` with lines "serial number or tag, version"."""

    customer = Ref(required=True)
    items = fields.List(fields.Nested(SendbigVersion()), validate=validate.Length(max=5_000))
    csv = Prose(max=500_000)
    source = Line(max=255, load_default="")


class SendbigReceiptIn(SendbigUnit):
    customer = Ref(required=True)


class ReleaseUnitsQuery(Shape):
    """`state`: affected (those whose version nobody knows among them), unknown, patched, other."""

    state = fields.String(validate=validate.OneOf(STATES), load_default="affected")
    customer = Ref()
    limit = Whole(1, LARGEST, load_default=DEFAULT)
    after = Whole(0, 2**62, load_default=0)


class ReleaseCustomersQuery(Shape):
    limit = Whole(1, LARGEST, load_default=DEFAULT)
    after = Whole(0, 2**62, load_default=0)


class OffersQuery(Shape):
    """`customer`: needed by whoever acts for several."""

    customer = Ref()
    limit = Whole(1, LARGEST, load_default=DEFAULT)
    before = Whole(1, 2**62)


class OneOffer(Shape):
    customer = Ref()


def end_of(day: Any) -> datetime | None:
    """The moment at which the day is over, UTC."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC) if day else None
