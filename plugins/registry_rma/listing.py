"""Lines as lists, read by keyset: for the API, the pages, and whoever asks whether a unit has a case."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from registry.sdk import Actor, Column, Customer, Filter, FlagText, Listing, equals, id_text, of_customer, visible
from registry.sdk import Line as Text
from registry_rma.machine import STATES
from registry_rma.models import Case, Line

LINES = Listing(
    "rma_line",
    Line,
    "rma.view",
    columns=[
        Column("id", "Id", Line.id, "integer"),
        Column("customer", "Customer", Customer.slug),
        Column("number", "RMA number", Case.number),
        Column("case_id", "Case", Line.case_id, "integer"),
        Column("asset_id", "Asset", Line.asset_id, "integer"),
        Column("serial", "Serial number", Line.serial),
        Column("product", "Product", Line.product),
        Column("state", "State", Line.state),
        Column("ended", "Over", Line.ended, "boolean"),
        Column("rank", "Place in the queue", Line.rank, "integer"),
        Column("fault", "Fault", Line.fault),
        Column("remedy", "Remedy", Line.remedy),
        Column("replacement_serial", "Replaced by", Line.replacement_serial),
        Column("notified_on", "Notified on", Line.notified_on, "day"),
        Column("moved_at", "Last moved", Line.moved_at, "moment"),
        Column("version", "Version", Line.version, "integer"),
    ],
    joins=[(Customer, Line.customer_id == Customer.id), (Case, Line.case == Case.id)],
    filters={
        "customer": of_customer(Line),
        "state": Filter(fields.String(validate=validate.OneOf(tuple(STATES))), lambda _a, v: Line.state == v),
        "open": Filter(FlagText(), lambda _a, v: ~Line.ended if v else Line.ended),
        "asset": Filter(id_text(), lambda _a, v: (Line.asset_id == v) | (Line.replacement_id == v), few=True),
        "serial": Filter(Text(max=255, min=1), lambda _a, v: (Line.serial == v) | (Line.replacement_serial == v)),
        "number": equals(Case.number, few=True),
    },
)  # fmt: skip


def told_of(asset: Mapping[str, Any]) -> bool:
    """Whether any case tells of this unit, as the one that failed or the one that took its place."""
    owner = asset["customer_id"]
    mine = (Line.asset_id == asset["id"]) | (Line.replacement_id == asset["id"])
    return bool(visible(Line, Actor.system(owner)).where((Line.customer_id == owner) & mine).exists())
