"""Sites, contacts, products and licences out of a file: what their rows need before the verbs take them."""

from collections.abc import Callable
from typing import Any

from registry.customers.models import Contact, Site
from registry.customers.places import change_contact, change_site, create_contact, create_site
from registry.customers.schemas import ContactChange, ContactIn, SiteChange, SiteIn
from registry.imports.asset_refs import References
from registry.imports.prices import price
from registry.imports.row_fields import contact_fields, licence_fields, product_fields, site_fields
from registry.imports.run import ImportKind, Run, Unknown, declare
from registry.imports.verb_rows import RowKind, for_handler, owned
from registry.kernel.language import _
from registry.kernel.writing import ANY_VERSION
from registry.licences.models import Licence
from registry.licences.schemas import LicenceChange, LicenceIn
from registry.licences.service import change_licence, create_licence
from registry.products.kinds import within
from registry.products.models import Product
from registry.products.schemas import ProductChange, ProductIn
from registry.products.service import change_product, create_product

Values = dict[str, Any]


def _site(_refs: References, values: Values, _found: Site | None) -> Values:
    return values


def _contact(refs: References, values: Values, found: Contact | None) -> Values:
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if "name" not in values and (first or last):
        values["name"] = f"{first} {last}".strip()
    if found is None and "name" not in values:
        raise Unknown("name", _("Give the name, or first and last name."))
    if "site" in values:
        values["site"] = refs.site(values["site"])
    return values


def _product(_refs: References, values: Values, found: Product | None) -> Values:
    if found is None:
        return {"kind": "hardware", **values}
    kind = values.pop("kind", found.kind)
    if kind != found.kind:
        raise Unknown(
            "kind",
            _(
                "This is %(kind)s, and a product's kind never changes: make another product.",
                kind=within(found.kind),
            ),
        )
    return values


def _licence(refs: References, values: Values, found: Licence | None) -> Values:
    maker = values.pop("maker", None)
    if found is None and "name" not in values:
        raise Unknown("name", _("Give the licence a name."))
    if found is None:
        values = {"product": values["name"], "metric": "install", **values}
    if "product" in values:
        wanted = {"product": values["product"], "maker": maker, "kind": "software"}
        values["product"], _kind = refs.product(wanted, found.product_id if found else None)
    amount = price(values, refs.run.customer.currency, found.currency if found else None)
    rest = {name: value for name, value in values.items() if name not in ("cost", "cost_minor", "currency")}
    return rest if amount is None else {**rest, "cost_minor": amount[0], "currency": amount[1]}


def _own_product(run: Run, values: Values) -> Product:
    values.pop("customer", None)
    return create_product(run.actor, values, run.customer.id)


def _changing(change: Callable[..., Any]) -> Callable[[Run, int, Values], Any]:
    return lambda run, row_id, values: change(run.actor, row_id, values, ANY_VERSION)


_SITES = RowKind(Site, owned(create_site), _changing(change_site), SiteIn(), SiteChange(), _site)
_CONTACTS = RowKind(Contact, owned(create_contact), _changing(change_contact), ContactIn(), ContactChange(), _contact)
_PRODUCTS = RowKind(Product, _own_product, _changing(change_product), ProductIn(), ProductChange(), _product)
_LICENCES = RowKind(Licence, owned(create_licence), _changing(change_licence), LicenceIn(), LicenceChange(), _licence)
_PLACES = ("customer.edit", "customer.contacts")

ROW_KINDS = (
    ImportKind("sites", _PLACES, ("name",), site_fields, for_handler(_SITES)),
    ImportKind("contacts", _PLACES, ("email", "name"), contact_fields, for_handler(_CONTACTS)),
    ImportKind(
        "products", ("product.edit", "asset.edit"), ("name", "part_number"), product_fields, for_handler(_PRODUCTS)
    ),
    ImportKind(
        "licences",
        ("licence.edit",),
        ("order_number", "name"),
        licence_fields,
        for_handler(_LICENCES),
        secrets=frozenset({"key"}),
    ),
)
for _kind in ROW_KINDS:
    declare(_kind)
