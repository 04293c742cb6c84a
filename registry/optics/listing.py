"""Lists of modules, uploads and profiles."""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from marshmallow import fields, validate

from registry.assets.models import Asset
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.kernel.access import Actor
from registry.kernel.listing import Column, Filter, Listing, declare, equals, flag
from registry.kernel.shapes import Line, id_text
from registry.optics.decoder.records import VERDICTS
from registry.optics.models import Optic, OpticBatch, OpticProfile


def _found(_actor: Actor, text: str) -> Any:
    """By part of what a module is called, or of its device. There are too few modules for an index to pay."""
    columns = (Optic.serial, Optic.part_number, Optic.vendor, Optic.host, Asset.tag)
    return reduce(or_, (column.contains(text) for column in columns))


OPTICS = declare(
    Listing(
        "optic",
        Optic,
        "asset.view",
        columns=[
            Column("id", "Id", Optic.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("asset_id", "Asset id", Optic.asset_id, "integer"),
            Column("tag", "Tag", Asset.tag),
            Column("vendor", "Vendor", Optic.vendor),
            Column("part_number", "Part number", Optic.part_number),
            Column("serial", "Serial number", Optic.serial),
            Column("form_factor", "Form factor", Optic.form_factor),
            Column("host", "Device", Optic.host),
            Column("port", "Port", Optic.port),
            Column("verdict", "Conclusion", Optic.verdict),
            Column("claimable", "Can be claimed", Optic.claimable, "boolean"),
            Column("since", "Since", Optic.since, "moment"),
            Column("last_at", "Last reading", Optic.last_at, "moment"),
            Column("findings", "Findings", Optic.findings, "json"),
            Column("lanes", "Lanes", Optic.lanes, "integer", detail=True),
            Column("first_at", "First reading", Optic.first_at, "moment", detail=True),
            Column("details", "Details", Optic.details, "json", detail=True),
            Column("limits", "Limits", Optic.limits, "json", detail=True),
        ],
        joins=[(Asset, Optic.asset == Asset.id), (Customer, Optic.customer_id == Customer.id)],
        filters={
            "customer": of_customer(Optic),
            "verdict": Filter(
                fields.String(validate=validate.OneOf(VERDICTS)), lambda _a, v: Optic.verdict == v, plain=True
            ),
            "claimable": flag(Optic.claimable == True),  # noqa: E712 - SQL
            "asset": Filter(id_text(), lambda _a, v: Optic.asset == v, plain=True),
            "q": Filter(Line(max=100, min=1), _found),
            "host": equals(Optic.host),
            "vendor": equals(Optic.vendor),
            "part_number": equals(Optic.part_number),
            "serial": equals(Optic.serial),
        },
        orders={"last_at": Optic.last_at, "since": Optic.since},
    )
)

BATCHES = declare(
    Listing(
        "optic_batch",
        OpticBatch,
        "asset.view",
        columns=[
            Column("id", "Id", OpticBatch.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("at", "At", OpticBatch.at, "moment"),
            Column("source", "Source", OpticBatch.source),
            Column("name", "Name", OpticBatch.name),
            Column("host", "Device", OpticBatch.host),
            Column("brought_by", "By", OpticBatch.brought_by),
            Column("modules", "Modules", OpticBatch.modules, "integer"),
            Column("stored", "Stored", OpticBatch.stored, "integer"),
            Column("repeated", "Here before", OpticBatch.repeated, "integer"),
            Column("registered", "Registered", OpticBatch.registered, "integer"),
            Column("unknown", "Unknown", OpticBatch.unknown, "json", detail=True),
        ],
        joins=[(Customer, OpticBatch.customer_id == Customer.id)],
        filters={
            "customer": of_customer(OpticBatch),
            "host": Filter(Line(max=255), lambda _a, v: OpticBatch.host == v),
        },
    )
)

PROFILES = declare(
    Listing(
        "optic_profile",
        OpticProfile,
        "asset.view",
        columns=[
            Column("id", "Id", OpticProfile.id, "integer"),
            Column("customer", "Customer", Customer.slug),
            Column("vendor", "Vendor", OpticProfile.vendor),
            Column("part_number", "Part number", OpticProfile.part_number),
            Column("limits", "Limits", OpticProfile.limits, "json"),
            Column("needed", "Readings for a claim", OpticProfile.needed, "integer"),
            Column("hours", "Hours for a claim", OpticProfile.hours, "integer"),
            Column("notes", "Notes", OpticProfile.notes, detail=True),
            Column("version", "Version", OpticProfile.version, "integer"),
        ],
        joins=[(Customer, OpticProfile.customer_id == Customer.id)],
        filters={
            "customer": of_customer(OpticProfile),
            "holds_for": replace(
                of_customer(OpticProfile),
                condition=lambda _a, v: (OpticProfile.customer_id == v) | OpticProfile.customer_id.is_null(),
            ),
            "part_number": equals(OpticProfile.part_number),
        },
        orders={"part_number": OpticProfile.part_number},
    )
)
