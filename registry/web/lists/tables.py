"""Lists as pages: each room says in a few lines what its list shows; the rest is the same for all of them.

    TABLE = table(Table(LICENCES, N_("Licences"), shown=("name", "product", "used"), controls=(find(N_("Name")),)))

    @pages.get("/licences")
    @allow("licence.view")
    def list_licences() -> Answer:
        return TABLE.answer()

Any column of the listing can be chosen by whoever reads; `shows` are those that are drawn in a way of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response

from registry.customers.models import Customer, Site
from registry.kernel.access import Actor, visible
from registry.kernel.columns import Column
from registry.kernel.errors import NotFound
from registry.kernel.language import N_, _
from registry.kernel.listing import Listing, actor_may, plural
from registry.kernel.prepared import Kept, fetched
from registry.kernel.shapes import FlagText, extended
from registry.web.lists import cells
from registry.web.lists.bulk import Bulk
from registry.web.lists.cells import Around, Cell, Row, Show, plain
from registry.web.words.codes import word_choices

Answer = Response | tuple[str, int]
Pairs = Sequence[tuple[str, str]]
# Of use to programs, never to people.
FOR_PROGRAMS = frozenset({"version", "product_id", "parent_id", "holder_id", "asset_id", "licence_id", "previous_id"})
_texts: Kept = {}
# Filters of many lists that no control shows: name -> what it is called, what its value is called.
CHIPS: dict[str, tuple[str, Callable[[Around, str], str]]] = {}
MANY = 200  # choices in a drop-down
ALL = "0"  # ?view=0: no saved filter, the list as it comes


@dataclass(frozen=True)
class Control:
    """A filter that can be set on the page; all others work from the address. kind: choice, search, text or day."""

    name: str
    label: str
    kind: str = "choice"
    options: Callable[[Around], Pairs] | None = None
    blank: str = N_("Any")


def find(label: str) -> Control:
    return Control("q", label, "search")


def coded(name: str, label: str, group: str, codes: Sequence[str] = (), blank: str = N_("Any")) -> Control:
    """A choice among codes, by their words; `codes` are those that the filter knows, if not all of the group."""

    def options(_around: Around) -> Pairs:
        return [(code, said) for code, said in word_choices(group) if not codes or code in codes]

    return Control(name, label, "choice", options, blank)


def yes_or_no(name: str, label: str, yes: str = N_("Yes"), no: str = N_("No")) -> Control:
    return Control(name, label, "choice", lambda _around: [("true", _(yes)), ("false", _(no))])


def _customers(around: Around) -> Pairs:
    """For a list of all customers: which one's. Whoever is a customer's has nobody to choose among."""
    if around.customer is not None or not around.who.is_operator:
        return []

    def write(scope: Actor) -> Any:
        return visible(Customer, scope, Customer.slug, Customer.name).order_by(Customer.name).limit(MANY)

    return fetched(_texts, "customers", around.who, [], write)  # type: ignore[return-value]


of_customer = Control("customer", N_("Customer"), options=_customers, blank=N_("All customers"))


def sites(around: Around) -> Pairs:
    """The names of this customer's sites."""
    if around.customer is None:
        return []

    def write(scope: Actor, customer_id: int) -> Any:
        query = visible(Site, scope, Site.name).where(Site.customer_id == customer_id)
        return query.order_by(Site.name).limit(MANY)

    return [(name, name) for (name,) in fetched(_texts, "sites", around.who, [around.customer.id], write)]


def named_customer(row: Row, around: Around) -> Cell:
    """A customer by his name, where the page has looked it up."""
    short = row["customer"]
    return Cell(around.customers.get(short, short)) if short else cells.NOTHING


def customer_or_house(row: Row, around: Around) -> Cell:
    return named_customer(row, around) if row["customer"] else Cell(_("Everybody"), style="quiet")


@dataclass(frozen=True)
class Empty:
    """What a list without any rows says: that it is empty, what to do for whoever may, and what for whoever may not."""

    title: str
    may: str = ""
    may_not: str = N_("They show up here as soon as somebody has added them.")


@dataclass(frozen=True)
class New:
    """The button that leads to a form, where that form exists and he holds the right."""

    text: str
    permission: str
    endpoints: tuple[str, ...]


@dataclass
class Table:
    """How a listing is shown. `shown` are the columns of a page unless others are asked for.

    `details`: endpoints of a row's own page, the first that exists is taken; `key` is the column that names the row
    there. `gather(around, rows)`: what cells need besides, in a
    number of statements that does not grow.
    """

    listing: Listing
    title: str
    shown: tuple[str, ...]
    shows: tuple[Show, ...] = ()
    controls: tuple[Control, ...] = ()
    details: tuple[str, ...] = ()
    key: str = "id"
    new: New | None = None
    empty: Empty = field(default_factory=lambda: Empty(N_("Nothing here yet.")))
    says: dict[str, str] = field(default_factory=dict)  # filters that are no control -> what they are called
    gather: Callable[[Around, Sequence[Row]], dict[str, Any]] | None = None
    bulk: Bulk | None = None
    endpoint: str = ""  # the list of one customer
    house: str = ""  # the list of the house, or of all customers
    actions: tuple[tuple[str, str, str], ...] = ()  # further links beside the title: endpoint, text, permission
    tabs: str = ""  # a template below the title: ways to pages that belong together
    above: str = ""  # a template that is shown above the rows; it sees the `page`

    @property
    def name(self) -> str:
        return plural(self.listing.kind)

    @property
    def titles(self) -> dict[str, str]:
        """What its filters are called, as far as no control says so."""
        titles = {column.name: column.title for column in self.listing.columns} | self.says
        return titles | {name: title for name, (title, _draw) in CHIPS.items()}

    @cached_property
    def known(self) -> dict[str, Show]:
        """Every column that can be asked for: those drawn in a way of their own, then the listing's."""
        own = {show.name: show for show in self.shows}
        mine = [column for column in self.listing.columns if column.name not in FOR_PROGRAMS]
        found = own | {column.name: _shown(column) for column in mine if column.name not in own}
        for names in (self.usual(None), self.usual(object())):
            self.listing.often(self.reads([found[name] for name in names]))
        return found

    def must_be_there(self, actor: Actor, customer: Customer | None) -> None:
        """Forbidden for whoever may not see this list; NotFound where there is no such list."""
        if not (self.house if customer is None else self.endpoint):
            raise NotFound()
        if customer is None:
            actor_may(actor, self.listing.permission)
        else:
            actor.must(self.listing.permission, customer.id)

    def address(self, arguments: Mapping[str, str]) -> str:
        """The list's page with these arguments: for the customer of this request, or for the house."""
        path = url_for(self.endpoint if "customer" in g else self.house)
        return path + (f"?{urlencode(arguments)}" if arguments else "")

    @property
    def owned(self) -> bool:
        """Whether rows belong to customers, so that a customer's page shows his alone."""
        return "customer" in self.listing.filters

    def usual(self, customer: Any) -> tuple[str, ...]:
        """The columns of a page for which nobody chose any."""
        if customer is not None or not self.owned or "customer" in self.shown:
            return self.shown
        return (self.shown[0], "customer", *self.shown[1:])

    def offered(self, customer: Any) -> list[Show]:
        return [show for name, show in self.known.items() if name != "customer" or customer is None]

    def reads(self, shows: Sequence[Show]) -> list[str]:
        """The listing's columns that are needed in order to draw `shows`."""
        there = {column.name for column in self.listing.columns}
        always = [name for name in ("id", "version", self.key, "customer") if name in there]
        return list(dict.fromkeys([*always, *(name for show in shows for name in (*show.parts, *show.also))]))

    @cached_property
    def shape(self) -> Schema:
        more: dict[str, fields.Field[Any]] = {
            "before": fields.String(validate=validate.Length(max=500)),
            "columns": Columns(self),
            "view": fields.String(validate=validate.Regexp(r"^[0-9]{1,18}\Z")),
            "arrange": FlagText(),
        }
        return extended(self.listing.arguments(), f"{self.listing.kind}Page", **more)

    def answer(self) -> Answer:
        from registry.web.lists.page import answer  # it needs this module

        return answer(self)


def _shown(column: Column) -> Show:
    if column.name == "customer":
        return Show("customer", column.title, ("customer",), named_customer)
    return plain(column)


class Columns(fields.String):
    """Names of columns with commas between them."""

    def __init__(self, of: Table) -> None:
        super().__init__()
        self.of = of

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        names = list(
            dict.fromkeys(name for name in super()._deserialize(value, attr, data, **kwargs).split(",") if name)
        )
        unknown = next((name for name in names if name not in self.of.known), None)
        if unknown is not None:
            known = ", ".join(self.of.known)
            raise ValidationError(_("There is no column %(name)s. Choose from: %(known)s.", name=unknown, known=known))
        return names


TABLES: dict[str, Table] = {}


def table(made: Table) -> Table:
    """Make the table known by its name to what is the same for all lists: files, saved filters, changes to many."""
    TABLES[made.name] = made
    return made


def table_named(name: str) -> Table:
    if name not in TABLES:
        raise NotFound()
    return TABLES[name]
