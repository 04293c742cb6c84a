"""Every list as a file: CSV, XLSX or JSON, streamed, with the same filters and the same scope as on screen."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from flask import request
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from registry.actions import Action
from registry.customers.service import customer_by
from registry.kernel import audit, tabular
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.listing import LISTINGS, Listing
from registry.web.answers import stream
from registry.web.api import blueprint
from registry.web.audit_api import HOUSE
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
        raise NotFound()
    return found


def plural(kind: str) -> str:
    word = kind.replace("_", "-")
    if word in ("audit", "warranty-terms"):
        return word
    return word[:-1] + "ies" if word.endswith("y") else word + "s"


@blp.route("/exports/<kind>.<any(csv, json, xlsx):form>", methods=["GET"])
@blp.response(200)
@allow("export.run")
def export(kind: str, form: str) -> Response:
    """The list `kind` as a file. Query parameters are the list's own filters."""
    listing = listing_named(kind)
    try:
        arguments = listing.arguments(paged=False).load(request.args.to_dict())
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from None
    chunks = write(listing, actor(), arguments, form)
    return stream(chunks, TYPES[form], f"{kind}.{form}")


def write(listing: Listing, who: Actor, arguments: dict[str, Any], form: str) -> Iterator[bytes]:
    """The file in chunks. Who took what is on the audit chain before the first byte leaves."""
    shown = listing.exported()
    columns = [tabular.Column(c.name, c.title, _KINDS.get(c.kind, "text")) for c in shown]
    rows = listing.stream(who, arguments)
    if form != "json":
        rows = _flat(rows, [at for at, c in enumerate(shown) if c.kind == "json"])
    chosen = {name: str(value) for name, value in arguments.items()}
    with transaction():
        entry = audit.Entry(Action.EXPORTED, listing.kind, None, f"{listing.kind}.{form}", after={"filters": chosen})
        audit.record(who, _chain(who, arguments), [entry])
    if form == "csv":
        return tabular.write_csv(columns, rows)
    if form == "json":
        return tabular.write_json(columns, rows)
    days = [at for at, c in enumerate(shown) if c.kind == "day"]
    return _spreadsheet(columns, _with_dates(rows, days))


# Moments and JSON are text already when they come out of a list.
_KINDS: dict[str, Any] = {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "day": "day"}
Rows = Iterator[tuple[Any, ...]]


def _flat(rows: Rows, at: list[int]) -> Rows:
    """Nested values as JSON text, for tables that know no nesting; nothing for an empty one."""
    for row in rows:
        values = list(row)
        for index in at:
            values[index] = orjson.dumps(values[index]).decode() if values[index] else None
        yield tuple(values)


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
