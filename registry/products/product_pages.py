"""Pages about one product of the catalogue: look, add, change; its documents. Customers have products of their own."""

from typing import Any

from flask import render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.assets.models import Asset
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor, fetch, visible
from registry.kernel.errors import Forbidden
from registry.kernel.language import _
from registry.kernel.money import EXPONENTS, exact
from registry.licences.models import Licence
from registry.products import service
from registry.products.kinds import offered as kinds_offered
from registry.products.listing import PRODUCTS
from registry.products.models import Product
from registry.products.pages import pages
from registry.products.schemas import DocumentIn, Parameter, ProductChange, ProductIn
from registry.web.acting import pressed, sent_version
from registry.web.amounts import minor_of
from registry.web.customer import choices, names_of
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lines import Line, Lines, LinesForm
from registry.web.policy import allow
from registry.web.shell import only_customer
from registry.web.words.codes import word

Page = Response | tuple[str, int]
CHANGED = ("name", "maker", "part_number", "sold_until", "supported_until", "patched_until", "notes")
NEW = ("kind", "customer", *CHANGED)
PARAMETERS = Lines("parameters", Parameter(), ("name", "unit", "min", "max"))
MOST = 10_000  # units are counted so far


class ProductForm(LinesForm):
    """With the list price as people write money, and a line for each technical requirement."""

    def __init__(self, shape: Any, sent: MultiDict[str, str] | None = None, **more: Any) -> None:
        super().__init__(shape, sent, lists=[PARAMETERS], **more)
        price = (more.get("shown") or {}).get("list_price") or {}
        held = {"price": _written(price), "price_currency": price.get("currency", "")}
        self.names += ("price", "price_currency")
        self.typed.update({name: text if sent is None else sent.get(name, "") for name, text in held.items()})

    def shown_lines(self, lines: Lines, shown: Any) -> list[Line]:
        rows = shown.get("parameters") or ()
        return [{cell: _plain(row.get(cell)) for cell in lines.cells} for row in rows]

    def values(self) -> dict[str, Any]:
        currency = self.typed["price_currency"] if self.typed["price_currency"] in EXPONENTS else None
        minor = minor_of(self.typed["price"], currency, amount="price", unit="price_currency")
        price = None if minor is None else {"amount_minor": minor, "currency": currency}
        return {**super().values(), "list_price": price}


def _plain(value: Any) -> str:
    """A limit as people write it: 3.3 and 5, not 5.0."""
    return str(value if value is not None else "").removesuffix(".0")


def _written(price: dict[str, Any]) -> str:
    return f"{exact(price['amount_minor'], price['currency']):f}" if price else ""


# --- Look --------------------------------------------------------------------------------------------------


@pages.get("/<int:product_id>")
@allow("product.view")
def show_product(product_id: int) -> Page:
    return _product(product_id)


def _product(product_id: int, form: Form | None = None) -> Page:
    """`form`: of a document that could not be added, or of a button that could not be pressed."""
    who, row = actor(), PRODUCTS.one(actor(), product_id)
    adding = form if form and "url" in form.names else Form(DocumentIn(), shown={"kind": "guide"})
    known: dict[str, Any] = {
        "product": row,
        "owner": names_of(who, [row["customer"]]).get(row["customer"]) if row["customer"] else None,
        "documents": service.documents(who, product_id),
        "may_edit": service.may_edit(who, fetch(Product, who, product_id).customer_id),
        "today": clock.today(),
        "units": [_units(who, "assets", Asset, product_id)],
    }
    if row["kind"] == "software":
        known["units"] += [_units(who, "licences", Licence, product_id)]
    return render_template("products/product.html", form=form, adding=adding, **known), form.status if form else 200


def _units(who: Actor, name: str, model: Any, product_id: int) -> dict[str, Any]:
    """How many of it he may see, hardly more than MOST, and where they are listed (`url`; None: he may not)."""
    permission = f"{name.removesuffix('s')}.view"
    if not who.can_somewhere(permission):
        return {"name": name, "count": 0, "url": None}
    mine = visible(model, who.where(permission), model.id).where(model.product == product_id)
    own = only_customer(who)
    if own:
        url = url_for(f"{name}.list_{name}", slug=own.slug, product=product_id)
    else:
        url = url_for(f"house_{name}.list_{name}", product=product_id)
    return {"name": name, "count": mine.limit(MOST + 1).count(), "url": url}


# --- Add and change ----------------------------------------------------------------------------------------


@pages.get("/new")
@allow("product.view")
def new_product() -> Page:
    _must_create()
    known = {name: text for name, text in request.args.items() if name in NEW}
    return _edit(ProductForm(ProductIn(), shown={"kind": "hardware", **known}, only=NEW))


@pages.post("/new")
@allow("product.view")
def create_product() -> Page:
    _must_create()
    form = ProductForm(ProductIn(), request.form, only=NEW)
    if form.rearranged or not form.send(_create):
        return _edit(form)
    return done(_("The product is added."), "products.show_product", product_id=form.answer.id)


def _create(values: dict[str, Any]) -> Product:
    customer = values.pop("customer")
    customer_id = customer_by(actor(), customer).id if customer is not None else None
    return service.create_product(actor(), values, customer_id)


def _must_create() -> None:
    """A form is shown to nobody who could not send it."""
    if not (actor().can("product.edit") or actor().can_somewhere("asset.edit")):
        raise Forbidden()


def _owners() -> list[tuple[str, str]]:
    """For whom he may add products, beside everybody."""
    return choices(actor().where("asset.edit"))


@pages.get("/<int:product_id>/edit")
@allow("product.view")
def edit_product(product_id: int) -> Page:
    row = _editable(product_id)
    return _edit(ProductForm(ProductChange(), shown=row, only=CHANGED), row)


@pages.post("/<int:product_id>/edit")
@allow("product.view")
def change_product(product_id: int) -> Page:
    row = _editable(product_id)
    form = ProductForm(ProductChange(), request.form, only=CHANGED)
    if form.rearranged or not form.send(_changing(product_id)):
        return _edit(form, row)
    return done(_("The product is changed."), "products.show_product", product_id=product_id)


def _changing(product_id: int) -> Any:
    return lambda values: service.change_product(actor(), product_id, values, sent_version())


def _editable(product_id: int) -> dict[str, Any]:
    row = fetch(Product, actor(), product_id)
    if not service.may_edit(actor(), row.customer_id):
        raise Forbidden()
    return PRODUCTS.one(actor(), product_id)


def _edit(form: Form, row: dict[str, Any] | None = None) -> Page:
    if row:
        ways = {"action": url_for("products.change_product", product_id=row["id"])}
        ways["back"] = url_for("products.show_product", product_id=row["id"])
    else:
        ways = {"action": url_for("products.create_product"), "back": url_for("products.list_products")}
    kinds = [(kind, word("kind", kind)) for kind in kinds_offered()]
    offered = {
        "kinds": kinds,
        "currencies": [(code, code) for code in sorted(EXPONENTS)],
        "owners": [] if row else _owners(),
    }
    for_all = actor().can("product.edit")
    return render_template(
        "products/edit.html", form=form, product=row, for_all=for_all, **ways, **offered
    ), form.status


# --- Documents ---------------------------------------------------------------------------------------------


@pages.post("/<int:product_id>/documents")
@allow("product.view")
def attach_document(product_id: int) -> Page:
    _editable(product_id)
    form = Form(DocumentIn(), MultiDict([(name, text) for name, text in request.form.items() if text.strip()]))
    if form.send(lambda values: service.attach_document(actor(), product_id, values)):
        return done(_("The document is added."), "products.show_product", product_id=product_id, _anchor="documents")
    return _product(product_id, form)


@pages.post("/<int:product_id>/documents/<int:document_id>/remove")
@allow("product.view")
def remove_document(product_id: int, document_id: int) -> Page:
    _editable(product_id)
    form = pressed(lambda: service.remove_document(actor(), document_id, product_id))
    if form.status != 200:
        return _product(product_id, form)
    return done(_("The document is removed."), "products.show_product", product_id=product_id, _anchor="documents")
