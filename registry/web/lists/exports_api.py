"""Every list as a file: CSV, XLSX or JSON, streamed, with the same filters and the same scope as on screen."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response

from registry.actions import Action
from registry.customers.service import customer_by
from registry.handover import disclosure
from registry.kernel import audit, tabular
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.listing import LISTINGS, Listing, plural
from registry.kernel.shapes import Line, extended
from registry.web.answers import stream
from registry.web.api import blueprint
from registry.web.history.audit_api import HOUSE
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("exports", "Exports of every list")

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def listing_named(kind: str) -> Listing:
    """The list behind a plural word of the API: assets, licences, warranty-terms ..."""
    found = next((one for one in LISTINGS.values() if plural(one.kind) == kind), None)
    if found is None:
        raise NotFound(
            _(
                "There is no such list. Choose one of: %(known)s.",
                known=", ".join(sorted(plural(k) for k in LISTINGS)),
            )
        )
    return found


def arguments_of(listing: Listing) -> Schema:
    """The list's own filters, and for whom the file is if not for one's own work."""
    told = {"description": "The third party that it is for; only with an approval of the customer's."}
    shape = listing.arguments(paged=False)
    return extended(shape, f"{listing.kind.title()}Export", for_third_party=Line(max=255, min=1, metadata=told))


@blp.route("/exports/<kind>.<any(csv, json, xlsx):form>", methods=["GET"])
@blp.response(200)
@allow("export.run")
def export(kind: str, form: str) -> Response:
    """The list `kind` as a file. Query parameters are the list's own filters."""
    listing = listing_named(kind)
    try:
        arguments = arguments_of(listing).load(request.args.to_dict())
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from None
    recipient = arguments.pop("for_third_party", None)
    chunks = write(listing, actor(), arguments, form, recipient=recipient)
    return stream(chunks, TYPES[form], f"{kind}.{form}")


def write(
    listing: Listing,
    who: Actor,
    arguments: dict[str, Any],
    form: str,
    *,
    recipient: str | None = None,
    names: Sequence[str] = (),
    bom: bool = False,
) -> Iterator[bytes]:
    """The file in chunks. Who took what for whom is on the audit chain before the first byte leaves.

    `recipient`: the third party that it is for. Raises Refused without an approval of the customer's.
    `names`: only these columns, in this order. `bom`: so that a spreadsheet program sees what CSV is written in.
    """
    shown = listing.exported(names)
    columns = tabular.columns_of(shown)
    rows = listing.stream(who, arguments, names)
    if form != "json":
        rows = tabular.flat(shown, rows)
    chain = _chain(who, arguments)
    told = _purpose(listing, who, chain, recipient)
    chosen = {name: str(value) if chain else "" for name, value in arguments.items()}  # the house's chain names nobody
    with transaction():
        entry = audit.Entry(
            Action.EXPORTED, listing.kind, None, f"{listing.kind}.{form}", after={"filters": chosen, **told}
        )
        audit.record(who, chain, [entry])
    if form == "csv":
        return tabular.write_csv(columns, rows, bom=bom)
    if form == "json":
        return tabular.write_json(columns, rows)
    days = [at for at, c in enumerate(shown) if c.kind == "day"]
    return _spreadsheet(columns, _with_dates(rows, days))


Rows = Iterator[tuple[Any, ...]]


def _purpose(listing: Listing, who: Actor, chain: int | None, recipient: str | None) -> dict[str, Any]:
    """Own work or own data, unless it is for a third party: then under which approval."""
    if recipient is None:
        return {"purpose": "own work" if who.is_operator else "own data"}
    if chain is None or (who.is_operator and "customer" not in listing.filters):
        raise Invalid.field("customer", _("What goes to a third party is one customer's: name him."))
    approval = disclosure.check(who, customer_by(who, chain), recipient, plural(listing.kind))
    return {"purpose": "third party", "recipient": recipient, "approval": approval.id}


def _with_dates(rows: Rows, at: list[int]) -> Rows:
    for row in rows:
        values = list(row)
        for index in at:
            if values[index]:
                values[index] = date.fromisoformat(values[index])
        yield tuple(values)


def _chain(who: Actor, arguments: dict[str, Any]) -> int | None:
    """Whose history tells of the export: the customer's whose data left, else the house's."""
    named = arguments.get("customer")
    if named is not None and named != HOUSE:
        return int(customer_by(who, named).id)
    return next(iter(who.grants)) if len(who.grants) == 1 and not who.is_operator else None


def _spreadsheet(columns: list[tabular.Column], rows: Any) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="assetcare-export-") as folder:
        path = Path(folder) / "export.xlsx"
        tabular.write_xlsx(columns, rows, path)
        with path.open("rb") as file:
            while chunk := file.read(1 << 16):
                yield chunk
