"""Sites, contacts, products and licences out of a file: row by row through the same verbs as pages and API."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import ValidationError
from peewee import Model

from registry.customers.models import Contact, Customer, Site
from registry.customers.places import change_contact, change_site, create_contact, create_site
from registry.customers.schemas import ContactChange, ContactIn, SiteChange, SiteIn
from registry.imports import cells
from registry.imports.amounts import money
from registry.imports.asset_refs import References, Unknown
from registry.imports.mapping import FieldSpec
from registry.imports.mapping import Mapping as Columns
from registry.imports.run import ImportKind, Parsed, Run, Seen, declare
from registry.kernel.access import Actor, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Problem
from registry.kernel.writing import ANY_VERSION
from registry.licences.models import Licence
from registry.licences.schemas import LicenceChange, LicenceIn
from registry.licences.service import change_licence, create_licence
from registry.products.models import Product
from registry.products.schemas import ProductChange, ProductIn
from registry.products.service import change_product, create_product


@dataclass(frozen=True)
class RowKind:
    """The verbs of one kind. `prepare` turns parsed cells into what the verbs' shapes take."""

    model: type[Model]
    create: Callable[[Run, dict[str, Any]], Any]
    change: Callable[[Run, int, dict[str, Any]], Any]
    create_shape: Any
    change_shape: Any
    columns: Mapping[str, str]  # field -> column of the model, for keys
    prepare: Callable[[References, dict[str, Any], bool], dict[str, Any]] | None = None  # bool: it is new


class VerbRows:
    """The handler of one run: each row in a savepoint, so that a refused one leaves nothing behind.

    A look-only run writes too; whoever runs it takes the whole transaction back.
    """

    def __init__(self, run: Run, kind: RowKind) -> None:
        self.run, self.kind = run, kind
        self.refs = References(run, writes=True)
        self.seen = Seen()

    def close(self) -> None:
        self.seen.close()
        self.run.notices += self.refs.notices()

    def finish(self) -> None:
        """Nothing to do: every row has been written."""

    def take(self, rows: Sequence[Parsed]) -> None:
        key = self.run.key
        repeated = self.seen.repeats([(str(values[key]), line) for line, values in rows if key in values])
        for line, values in rows:
            if line in repeated:
                text = f"The same {key} stands in line {repeated[line]} already; keep one of the two rows."
                self.run.refuse(line, key, values[key], text)
                continue
            try:
                with transaction():
                    self._one(values)
            except Unknown as unknown:
                self.run.refuse(line, unknown.name, values.get(unknown.name), unknown.message)
            except Problem as problem:
                name, texts = _first(problem)
                self.run.refuse(line, name, values.get(name or ""), texts)

    def _one(self, values: dict[str, Any]) -> None:
        key, mode = self.run.key, self.run.mode
        found = self._existing(values)
        if found is not None and mode == "create":
            raise Unknown(key, f"There is one with this {key} already; choose mode mixed or update to change it.")
        if found is None and mode == "update":
            raise Unknown(key, f"There is none with this {key}; choose mode mixed or create to add it.")
        ready = self.kind.prepare(self.refs, dict(values), found is None) if self.kind.prepare else dict(values)
        if found is None:
            self.kind.create(self.run, _checked(self.kind.create_shape, ready))
            self.run.created += 1
            return
        before = found.version
        after = self.kind.change(self.run, found.id, _checked(self.kind.change_shape, ready))
        if after.version == before:
            self.run.unchanged += 1
        else:
            self.run.updated += 1

    def _existing(self, values: dict[str, Any]) -> Any:
        key, model = self.run.key, self.kind.model
        if key not in values:
            if self.run.mode == "create":
                return None
            raise Unknown(key, f"The key is empty: give the {key}, or choose mode create.")
        column = getattr(model, self.kind.columns.get(key, key))
        mine = (model.customer_id == self.run.customer.id) & (column == values[key])  # type: ignore[attr-defined]
        found = list(visible(model, self.run.actor).where(mine).limit(2))
        if len(found) > 1:
            raise Unknown(key, f"Several have this {key}; choose another key, or correct them first.")
        return found[0] if found else None


def _first(problem: Problem) -> tuple[str | None, str]:
    for name, texts in problem.errors.items():
        return name, " ".join(str(text) for text in texts)
    return None, problem.message


def _checked(shape: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Through the API's own shape, so that a file can bring nothing that a request could not."""
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items() if k in shape.fields}
    try:
        return dict(shape.load(plain))
    except ValidationError as error:
        problems = error.normalized_messages()
        raise Problem("This row cannot be accepted.", errors={str(k): _texts(v) for k, v in problems.items()}) from None


def _texts(found: Any) -> list[str]:
    return [str(text) for text in found] if isinstance(found, list) else [str(found)]


def _text(limit: int = 255) -> Any:
    return cells.text(limit, lines=False)


def _site_fields(_actor: Actor, _customer: Customer, _options: dict[str, Any]) -> list[FieldSpec]:
    return [
        FieldSpec("name", "Name", _text(), ("site", "location", "location name", "名稱", "名称"), required=True, key=True),
        FieldSpec("address", "Address", cells.text(1000), ("street", "address line 1", "地址")),
        FieldSpec("city", "City", _text(), ("town", "城市")),
        FieldSpec("province", "Province", _text(), ("state", "region", "county", "省")),
        FieldSpec("country", "Country", _text(2), ("country code", "國家", "国家")),
        FieldSpec("postal_code", "Postal code", _text(32), ("zip", "zip code", "postcode", "郵編", "邮编")),
    ]


def _contact_fields(_actor: Actor, _customer: Customer, _options: dict[str, Any]) -> list[FieldSpec]:
    return [
        FieldSpec("name", "Name", _text(), ("full name", "contact", "姓名"), key=True),
        FieldSpec("first_name", "First name", _text(), ("given name", "firstname")),
        FieldSpec("last_name", "Last name", _text(), ("surname", "family name", "lastname")),
        FieldSpec("email", "E-mail", cells.email(), ("email", "mail", "email address", "電郵", "邮箱"), key=True),
        FieldSpec("phone", "Telephone", _text(64), ("phone", "tel", "mobile", "phone number", "電話", "电话")),
        FieldSpec("title", "Title", _text(), ("job title", "position", "role", "職稱", "职位")),
        FieldSpec("site", "Site", _text(), ("location", "office")),
        FieldSpec("trained", "Trained", cells.boolean(), ("training done",)),
        FieldSpec("notes", "Notes", cells.text(10_000), ("note", "comments", "remarks")),
    ]


def _product_fields(_actor: Actor, _customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    order = options.get("date_order")
    return [
        FieldSpec("name", "Name", _text(), ("product", "model", "model name"), required=True, key=True),
        FieldSpec("maker", "Maker", _text(), ("manufacturer", "vendor", "brand")),
        FieldSpec("part_number", "Part number", cells.code(255), ("model number", "part no", "p/n", "sku"), key=True),
        FieldSpec("kind", "Kind", cells.choice({k: k for k in ("hardware", "optic", "software")})),
        FieldSpec("sold_until", "Sold until", cells.day(order), ("end of sale", "eos")),
        FieldSpec("supported_until", "Supported until", cells.day(order), ("end of support", "end of life date", "eol date")),
        FieldSpec("notes", "Notes", cells.text(10_000), ("model notes", "note", "comments")),
    ]


def _licence_fields(_actor: Actor, customer: Customer, options: dict[str, Any]) -> list[FieldSpec]:
    order = options.get("date_order")
    return [
        FieldSpec("name", "Name", _text(), ("item name", "licence", "license", "license name"), required=True, key=True),
        FieldSpec("product", "Product", _text(), ("software", "application")),
        FieldSpec("maker", "Maker", _text(), ("manufacturer", "publisher", "vendor")),
        FieldSpec("metric", "Metric", _text(32), ("licence metric",)),
        FieldSpec("quantity", "Quantity", cells.integer(0, 10**9), ("seats", "count", "units")),
        FieldSpec("key", "Key", cells.code(2000), ("serial number", "serial", "license key", "licence key", "product key")),
        FieldSpec("purchased_on", "Purchased on", cells.day(order), ("purchase date",)),
        FieldSpec("starts_on", "Starts on", cells.day(order), ("start date", "valid from")),
        FieldSpec("ends_on", "Ends on", cells.day(order), ("expiration date", "expiry date", "end date", "valid until")),
        FieldSpec("maintenance_until", "Maintenance until", cells.day(order), ("support until", "maintenance end")),
        FieldSpec("proof", "Proof", _text(), ("proof of purchase", "document")),
        FieldSpec("order_number", "Order number", _text(), ("order no",), key=True),
        FieldSpec("supplier", "Supplier", _text(), ("reseller",)),
        FieldSpec("reassignable", "Reassignable", cells.boolean()),
        FieldSpec("licensed_to_name", "Licensed to", _text(), ("licensed to name",)),
        FieldSpec("licensed_to_email", "Licensed to (e-mail)", cells.email(), ("licensed to email",)),
        FieldSpec("cost", "Cost", money(customer.currency, decimal_mark=options.get("decimal_mark")), ("purchase cost", "price")),
        FieldSpec("notes", "Notes", cells.text(10_000), ("note", "comments")),
    ]  # fmt: skip


def _prepare_contact(refs: References, values: dict[str, Any], new: bool) -> dict[str, Any]:
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if "name" not in values and (first or last):
        values["name"] = f"{first} {last}".strip()
    if new and "name" not in values:
        raise Unknown("name", "Give the name, or first and last name.")
    if "site" in values:
        values["site"] = refs.site(values["site"])
    return values


def _prepare_licence(refs: References, values: dict[str, Any], new: bool) -> dict[str, Any]:
    maker = values.pop("maker", None)
    if new:
        values.setdefault("product", values["name"])
        values.setdefault("metric", "install")
    if "product" in values:
        product_id, kind = refs.product({"product": values["product"], "maker": maker, "kind": "software"})
        if kind != "software":
            raise Unknown("product", f"{values['product']} is {kind}; a licence needs a software product.")
        values["product"] = product_id
    if "cost" in values:
        values["cost_minor"], values["currency"] = values.pop("cost")
    return values


def _prepare_site(_refs: References, values: dict[str, Any], _new: bool) -> dict[str, Any]:
    if "country" in values:
        values["country"] = values["country"].upper()
    return values


def _prepare_product(_refs: References, values: dict[str, Any], new: bool) -> dict[str, Any]:
    if new:
        values.setdefault("kind", "hardware")
    return values


def _owned(create: Callable[[Actor, Mapping[str, Any]], Any]) -> Callable[[Run, dict[str, Any]], Any]:
    return lambda run, values: create(run.actor, {**values, "customer": run.customer.id})


def _changing(change: Callable[..., Any]) -> Callable[[Run, int, dict[str, Any]], Any]:
    return lambda run, row_id, values: change(run.actor, row_id, values, ANY_VERSION)


ROW_KINDS = {
    "sites": (RowKind(Site, _owned(create_site), _changing(change_site), SiteIn(), SiteChange(), {}, _prepare_site),
              "customer.view", ("name",), _site_fields),
    "contacts": (RowKind(Contact, _owned(create_contact), _changing(change_contact), ContactIn(), ContactChange(), {},
                         _prepare_contact), "customer.view", ("email", "name"), _contact_fields),
    "products": (RowKind(Product, lambda run, values: create_product(run.actor, _without_customer(values), run.customer.id),
                         _changing(change_product), ProductIn(), ProductChange(), {}, _prepare_product),
                 "product.view", ("part_number", "name"), _product_fields),
    "licences": (RowKind(Licence, _owned(create_licence), _changing(change_licence), LicenceIn(), LicenceChange(), {},
                         _prepare_licence), "licence.edit", ("order_number", "name"), _licence_fields),
}  # fmt: skip


def _without_customer(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "customer"}


def _handler(kind: RowKind) -> Callable[[Run, Columns], VerbRows]:
    return lambda run, _mapping: VerbRows(run, kind)


for _name, (_kind, _permission, _keys, _fields) in ROW_KINDS.items():
    declare(ImportKind(_name, _permission, _keys, _fields, _handler(_kind)))
