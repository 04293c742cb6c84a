"""Which columns files of sites, contacts, products and licences may have, under the names that people give them."""

from typing import Any

from registry.customers.models import Customer
from registry.imports import cells, days
from registry.imports.amounts import money
from registry.imports.mapping import FieldSpec
from registry.kernel.access import Actor
from registry.kernel.language import N_, _, quoted
from registry.kernel.money import EXPONENTS
from registry.licences.models import METRICS
from registry.products.kinds import known_to


def _text(limit: int = 255) -> Any:
    return cells.text(limit, lines=False)


def _country(cell: str) -> str | None:
    word = cell.strip().upper()
    if not word:
        return None
    if len(word) != 2 or not (word.isascii() and word.isalpha()):
        raise cells.CellError(
            _("%(cell)s is no country code; write its two letters, such as CN or CA", cell=quoted(cell.strip()[:40]))
        )
    return word


def site_fields(_actor: Actor, _customer: Customer, _options: dict[str, Any]) -> list[FieldSpec]:
    return [
        FieldSpec(
            "name", N_("Name"), _text(), ("site", "location", "location name", "名稱", "名称"), required=True, key=True
        ),
        FieldSpec("address", N_("Address"), cells.text(1000), ("street", "address line 1", "地址")),
        FieldSpec("city", N_("City"), _text(), ("town", "城市")),
        FieldSpec("province", N_("Province"), _text(), ("state", "region", "county", "省")),
        FieldSpec("country", N_("Country"), _country, ("country code", "國家", "国家")),
        FieldSpec("postal_code", N_("Postal code"), _text(32), ("zip", "zip code", "postcode", "郵編", "邮编")),
    ]


def contact_fields(_actor: Actor, _customer: Customer, _options: dict[str, Any]) -> list[FieldSpec]:
    return [
        FieldSpec("name", N_("Name"), _text(), ("full name", "contact", "姓名"), key=True),
        FieldSpec("first_name", N_("First name"), _text(), ("given name", "firstname")),
        FieldSpec("last_name", N_("Last name"), _text(), ("surname", "family name", "lastname")),
        FieldSpec("email", N_("E-mail"), cells.email(), ("email", "mail", "email address", "電郵", "邮箱"), key=True),
        FieldSpec("phone", N_("Telephone"), _text(64), ("phone", "tel", "mobile", "phone number", "電話", "电话")),
        FieldSpec("title", N_("Title"), _text(), ("job title", "position", "role", "職稱", "职位")),
        FieldSpec("site", N_("Site"), _text(), ("location", "office")),
        FieldSpec("trained", N_("Trained"), cells.boolean(), ("training done",)),
        FieldSpec("language", N_("Language"), _text(16)),
        FieldSpec("notes", N_("Notes"), cells.text(10_000), ("note", "comments", "remarks")),
    ]


def _metrics() -> dict[str, str]:
    """What people write -> metric."""
    return {name: name for name in METRICS} | {name.replace("_", " "): name for name in METRICS}


def product_fields(actor: Actor, _customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    order = options.get("date_order")
    return [
        FieldSpec("name", N_("Name"), _text(), ("product", "model", "model name"), required=True, key=True),
        FieldSpec("maker", N_("Maker"), _text(), ("manufacturer", "vendor", "brand")),
        FieldSpec(
            "part_number", N_("Part number"), cells.code(255), ("model number", "part no", "p/n", "sku"), key=True
        ),
        FieldSpec("kind", N_("Kind"), cells.choice({kind: kind for kind in known_to(actor)})),
        FieldSpec("sold_until", N_("Sold until"), days.day(order), ("end of sale", "eos")),
        FieldSpec("patched_until", N_("Security patches until"), days.day(order), ("end of security patches",)),
        FieldSpec(
            "supported_until",
            N_("Supported until"),
            days.day(order),
            ("end of support", "end of life date", "eol date"),
        ),
        FieldSpec("notes", N_("Notes"), cells.text(10_000), ("model notes", "note", "comments")),
    ]


def licence_fields(_actor: Actor, customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    order = options.get("date_order")
    return [
        FieldSpec(
            "name", N_("Name"), _text(), ("item name", "licence", "license", "license name"), required=True, key=True
        ),
        FieldSpec("product", N_("Product"), _text(), ("software", "application")),
        FieldSpec("maker", N_("Maker"), _text(), ("manufacturer", "publisher", "vendor")),
        FieldSpec("metric", N_("Metric"), cells.choice(_metrics()), ("licence metric", "license metric")),
        FieldSpec("quantity", N_("Quantity"), cells.integer(0, 10**9), ("seats", "count", "units")),
        FieldSpec(
            "key", N_("Key"), cells.code(2000), ("serial number", "serial", "license key", "licence key", "product key")
        ),
        FieldSpec("purchased_on", N_("Purchased on"), days.day(order), ("purchase date",)),
        FieldSpec("delivered_on", N_("Delivered on"), days.day(order), ("delivery date",)),
        FieldSpec("accepted_on", N_("Accepted on"), days.day(order), ("acceptance date",)),
        FieldSpec("launched_on", N_("Launched on"), days.day(order), ("launch date", "go live")),
        FieldSpec("registered_on", N_("Registered on"), days.day(order), ("registration date",)),
        FieldSpec("starts_on", N_("Starts on"), days.day(order), ("start date", "valid from")),
        FieldSpec(
            "ends_on", N_("Ends on"), days.day(order), ("expiration date", "expiry date", "end date", "valid until")
        ),
        FieldSpec("maintenance_until", N_("Maintenance until"), days.day(order), ("support until", "maintenance end")),
        FieldSpec("proof", N_("Proof"), cells.text(10_000), ("proof of purchase", "document")),
        FieldSpec("order_number", N_("Order number"), _text(), ("order no",), key=True),
        FieldSpec("supplier", N_("Supplier"), _text(), ("reseller",)),
        FieldSpec("reassignable", N_("May be reassigned"), cells.boolean(), ("reassignable",)),
        FieldSpec("hard_limit", N_("Hard limit"), cells.boolean(), ("hard limit",)),
        FieldSpec("licensed_to_name", N_("Licensed to"), _text(), ("licensed to name",)),
        FieldSpec("licensed_to_email", N_("Licensed to (e-mail)"), cells.email(), ("licensed to email",)),
        FieldSpec(
            "cost",
            N_("Cost"),
            money(customer.currency, decimal_mark=options.get("decimal_mark")),
            ("purchase cost", "price"),
        ),
        FieldSpec("cost_minor", N_("Cost (minor units)"), cells.integer(0, 2**53)),
        FieldSpec("currency", N_("Currency"), cells.choice({code: code for code in EXPONENTS})),
        FieldSpec("notes", N_("Notes"), cells.text(10_000), ("note", "comments")),
    ]
