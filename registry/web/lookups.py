"""What a field offers while somebody types into it: <option>s of one customer's things, each ending in its #id.

A field asks for them by the macro `pick` of templates/parts/forms.html; the form that is sent reads the id
(registry/web/forms.py). What is not offered here is refused there too: by the verb, not by this page.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from flask import g, render_template

from registry.assets.models import ASSET_SEARCH, Asset
from registry.customers.models import CONTACT_SEARCH, Contact, Site
from registry.kernel.access import Actor, Shared, visible
from registry.kernel.search import SearchSource, matching
from registry.kernel.shapes import Line, Shape
from registry.licences.models import LICENCE_SEARCH, Licence
from registry.products.kinds import LONGEST
from registry.products.models import PRODUCT_SEARCH, Product
from registry.web.identity import actor
from registry.web.lists.asked import asked
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("lookup", __name__)
MOST = 20
Answer = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Offer:
    """Which rows of `model` are offered. `columns` are joined to what people read; `source` finds them by their text,
    without one by the beginning of a column."""

    model: Any
    permission: str
    columns: tuple[str, ...]
    source: SearchSource | None = None


PRODUCT = Offer(Product, "product.view", ("name", "maker", "part_number"), PRODUCT_SEARCH)
ASSET = Offer(Asset, "asset.view", ("serial", "tag", "name"), ASSET_SEARCH)
CONTACT = Offer(Contact, "customer.view", ("name", "email"), CONTACT_SEARCH)
SITE = Offer(Site, "customer.view", ("name", "city"))
LICENCE = Offer(Licence, "licence.view", ("name", "order_number"), LICENCE_SEARCH)


class LookupQuery(Shape):
    """`kind`: of products, only those of this kind."""

    q = Line(max=100)
    kind = Line(max=LONGEST)


@pages.get("/lookup/product")
@allow("product.view")
def product() -> Answer:
    return _options(PRODUCT)


@pages.get("/lookup/asset")
@allow("asset.view")
def asset() -> Answer:
    return _options(ASSET)


@pages.get("/lookup/contact")
@allow("customer.view")
def contact() -> Answer:
    return _options(CONTACT)


@pages.get("/lookup/site")
@allow("customer.view")
def site() -> Answer:
    return _options(SITE)


@pages.get("/lookup/licence")
@allow("licence.view")
def licence() -> Answer:
    return _options(LICENCE)


def _options(offer: Offer) -> Answer:
    wanted = asked(LookupQuery())
    found = [] if wanted.errors else offered(actor(), offer, g.customer.id, **wanted.values)
    return render_template("parts/options.html", options=found), wanted.status


def offered(who: Actor, offer: Offer, customer_id: int, q: str = "", kind: str | None = None) -> list[str]:
    """ "Core switch Acme SW-48 #12": at most MOST things of this customer (and the house's products) that fit `q`."""
    model = offer.model
    own = model.customer_id == customer_id
    query = visible(model, who.where(offer.permission))
    query = query.where(own | model.customer_id.is_null() if issubclass(model, Shared) else own)
    if q:
        query = query.where(_fitting(offer, q))
    if kind and "kind" in model._meta.fields:
        query = query.where(model.kind == kind)
    shown = query.select(model.id, *(getattr(model, name) for name in offer.columns)).order_by(model.id).limit(MOST)
    return [written(row_id, *texts) for row_id, *texts in shown.tuples()]


def _fitting(offer: Offer, text: str) -> Any:
    if offer.source:
        return matching(offer.source, text)
    return reduce(or_, (getattr(offer.model, name).contains(text) for name in offer.columns))


def written(row_id: int, *texts: str | None) -> str:
    """How something picked stands in its field."""
    return " ".join([*(text for text in texts if text), f"#{row_id}"])
