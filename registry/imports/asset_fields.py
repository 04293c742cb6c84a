"""Which columns an asset file may have, under the names that people give them."""

from typing import Any

import orjson

from registry.assets.fields import fields_for
from registry.assets.statuses import statuses
from registry.customers.models import Customer
from registry.imports import cells, days
from registry.imports.amounts import decimal, money
from registry.imports.mapping import FieldSpec
from registry.kernel.access import Actor
from registry.kernel.language import N_, _
from registry.kernel.money import EXPONENTS
from registry.products.kinds import known_to

_DATES = {
    "purchased_on": (
        N_("Purchased on"),
        ("purchased", "purchase date", "date of purchase", "bought", "buy date", "購買日期", "购买日期"),
    ),
    "delivered_on": (
        N_("Delivered on"),
        ("delivered", "delivery date", "date of delivery", "received", "ship date", "交貨日期", "交货日期"),
    ),
    "accepted_on": (N_("Accepted on"), ("accepted", "acceptance date", "date of acceptance", "驗收日期", "验收日期")),
    "launched_on": (
        N_("Launched on"),
        ("launched", "launch date", "go live", "go-live date", "in service", "上線日期", "上线日期"),
    ),
    "registered_on": (N_("Registered on"), ("registered", "registration date", "date of registration")),
    "retired_on": (
        N_("Retired on"),
        ("retired", "retirement date", "date of retirement", "disposed on", "disposal date"),
    ),
}
_TEXTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": (N_("Name"), ("asset name", "host", "hostname", "host name", "device name", "名稱", "名称")),
    "maker": (N_("Maker"), ("manufacturer", "vendor", "brand", "make", "製造商", "制造商", "品牌")),
    "site": (N_("Site"), ("location", "office", "branch", "default location", "地點", "地点")),
    "place": (N_("Place"), ("room", "rack", "position", "shelf", "room / rack", "位置")),
    "holder": (N_("Assigned to"), ("holder", "user", "assigned", "owner", "contact", "assignee", "使用人")),
    "supplier": (N_("Supplier"), ("reseller", "dealer", "供應商", "供应商")),
    "order_number": (
        N_("Order number"),
        ("order", "order no", "po", "po number", "purchase order", "訂單號", "订单号"),
    ),
}
_CODES: dict[str, tuple[str, tuple[str, ...]]] = {
    "serial": (
        N_("Serial number"),
        ("serial", "serial no", "s/n", "sn", "serialnumber", "序號", "序列号", "service tag"),
    ),
    "tag": (
        N_("Tag"),
        (
            "asset tag",
            "asset no",
            "asset number",
            "inventory number",
            "label",
            "barcode",
            "資產編號",
            "资产编号",
            "財產編號",
            "財編",
        ),
    ),
    "part_number": (
        N_("Part number"),
        ("model number", "model no", "model no.", "part no", "p/n", "pn", "sku", "型號", "型号"),
    ),
    "parent": (N_("Parent"), ("host serial", "parent serial", "chassis", "installed in")),
    "slot": (N_("Slot"), ("port", "bay", "interface")),
}


def asset_fields(actor: Actor, customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    """The fields, with parsers that know this customer's currency, custom fields, and the file's order of dates."""
    order = options.get("date_order")
    plain = [FieldSpec(name, title, cells.text(255, lines=False), also) for name, (title, also) in _TEXTS.items()]
    codes = [
        FieldSpec(name, title, cells.code(255), also, key=name in ("serial", "tag"))
        for name, (title, also) in _CODES.items()
    ]
    dates = [FieldSpec(name, title, days.day(order), also) for name, (title, also) in _DATES.items()]
    return [
        *codes,
        FieldSpec(
            "product",
            N_("Product"),
            cells.text(255, lines=False),
            ("model", "model name", "product name", "產品", "产品"),
            required=True,
            instead="part_number",
        ),
        *plain,
        FieldSpec("kind", N_("Kind"), cells.choice({kind: kind for kind in known_to(actor)}), ("asset kind",)),
        FieldSpec(
            "status", N_("Status"), cells.choice(_statuses()), ("state", "status label", "asset status", "狀態", "状态")
        ),
        *dates,
        *_price(customer, options),
        # All of them in one column is how our own exports write custom fields.
        FieldSpec("custom", N_("Custom fields"), _custom_object, ("custom",)),
        FieldSpec(
            "notes",
            N_("Notes"),
            cells.text(10_000),
            ("asset notes", "note", "comment", "comments", "remarks", "備註", "备注"),
        ),
        *_custom(actor, customer, order),
    ]


def _price(customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    """People write amounts with decimals, our own exports write minor units."""
    amount = money(customer.currency, decimal_mark=options.get("decimal_mark"))
    return [
        FieldSpec("cost", N_("Cost"), amount, ("purchase cost", "price", "purchase price", "value", "金額", "金额")),
        FieldSpec("cost_minor", N_("Cost (minor units)"), cells.integer(0, 2**53)),
        FieldSpec("currency", N_("Currency"), cells.choice({code: code for code in EXPONENTS})),
    ]


def _statuses() -> dict[str, str]:
    """What people write -> code: the code and the operator's name for it."""
    known: dict[str, str] = {}
    for status in statuses():
        known[status.code] = known[status.code.replace("_", " ")] = known[status.name] = status.code
    return known


def _custom(actor: Actor, customer: Customer, order: Any) -> list[FieldSpec]:
    parsers = {
        "text": cells.text(2000),
        "integer": cells.integer(),
        "decimal": _decimal_text,
        "boolean": cells.boolean(),
        "day": _day_text(order),
    }
    return [
        FieldSpec(
            f"custom.{row.name}",
            row.title,
            parsers.get(row.type) or cells.choice({option: option for option in row.choices}),
            (row.name,),
        )
        for row in fields_for(actor, customer.id)
    ]


def _custom_object(cell: str) -> dict[str, Any] | None:
    """All custom fields of a unit as one JSON object."""
    cell = cells.restore(cell.strip())
    if not cell:
        return None
    try:
        found = orjson.loads(cell)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise cells.CellError(_('is no JSON object; write it such as {"field": "value"}, or use a column per field'))
    return found


def _decimal_text(cell: str) -> str | None:
    found = decimal()(cell)
    return None if found is None else str(found)


def _day_text(order: Any) -> cells.Parser:
    parse = days.day(order)

    def text(cell: str) -> str | None:
        found = parse(cell)
        return None if found is None else found.isoformat()

    return text
