"""The page of a list: what was asked for, the rows as cells, and the ways on from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response

from registry.customers.models import Customer
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.columns import Window
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.views.service import default_of, may_change, place_of, views_for
from registry.web.customer import names_of
from registry.web.fragments import named
from registry.web.identity import actor
from registry.web.lists import cells
from registry.web.lists.asked import Asked, asked
from registry.web.lists.cells import Around, Cell, Draw, Row, Show
from registry.web.lists.links import Links, address, of_lists, page_of, view_address
from registry.web.lists.tables import ALL, CHIPS, Answer, Control, Table

# Of the page and not of what is on it: no part of a file, of a saved filter, of a change to all that fit.
PLACE = frozenset({"cursor", "before", "arrange"})
SHAPING = PLACE | {"sort", "limit", "columns", "view"}
SENT_BY_MENU = ("column", "up", "down")


class Line(NamedTuple):
    """A row as it is drawn. `label` names it to whoever cannot see the table."""

    id: int
    label: str
    cells: list[tuple[str, Cell]]  # how it begins, what stands in it


@dataclass
class Page:
    """Everything that templates/lists/list.html shows."""

    table: Table
    wanted: Asked
    around: Around
    shows: list[Show]
    lines: list[Line] = field(default_factory=list)
    window: Window = field(default_factory=lambda: Window([]))
    views: list[Any] = field(default_factory=list)

    @cached_property
    def detail(self) -> str:
        """The endpoint of a row's own page."""
        return next((one for one in self.table.details if one in current_app.view_functions), "")

    @cached_property
    def given(self) -> dict[str, str]:
        """What was asked for, without the place in the list."""
        return {name: text for name, text in self.wanted.given.items() if name not in PLACE}

    @property
    def filters(self) -> dict[str, str]:
        return {name: text for name, text in self.given.items() if name not in SHAPING}

    def address(self, **changes: str | None) -> str:
        """The address of this list with some of what was asked for changed, or (None) taken away."""
        return address({**self.given, **changes})

    @property
    def next(self) -> str | None:
        return self.address(cursor=self.window.next) if self.window.next else None

    @property
    def previous(self) -> str | None:
        return self.address(before=self.window.previous) if self.window.previous else None

    @property
    def beyond_first(self) -> bool:
        return bool({"cursor", "before"} & self.wanted.given.keys()) and bool(self.window.previous or not self.lines)

    @property
    def is_all(self) -> bool:
        """Whether every row that fits is on this page, so that their number is known."""
        return not self.window.next and not self.beyond_first

    @property
    def bulk_all(self) -> str:
        """Where all that fit are changed."""
        return of_lists(self.table, "/bulk", {"all": "true", **self.filters})

    @property
    def view(self) -> Any:
        """The saved filter that this page began with."""
        chosen = self.wanted.given.get("view")
        return next((one for one in self.views if str(one.id) == chosen), None)

    @property
    def may_save(self) -> bool:
        return place_of(self.around.who, g.get("customer")) is not None

    @property
    def may_share(self) -> bool:
        place = place_of(self.around.who, g.get("customer"))
        return place is not None and self.around.who.can("view.share", place.customer_id)

    @property
    def may_change_view(self) -> bool:
        return self.view is not None and may_change(self.around.who, self.view)

    def view_address(self, view: Any) -> str:
        return view_address(view)

    @property
    def plain_address(self) -> str:
        """This list without any filter, even if it opens with one."""
        return address({"view": ALL if default_of(self.views) else None})

    @property
    def query(self) -> str:
        """What a saved filter keeps."""
        return urlencode({name: text for name, text in self.given.items() if name != "view"})

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Filters that no control shows: what they are called, their value, and the address without them."""
        shown, titles = {one.name for one, _pairs in self.controls}, self.table.titles
        return [
            (_(titles.get(name, name)), self._said(name, text), self.address(**{name: None}))
            for name, text in self.filters.items()
            if name not in shown and name in self.table.listing.filters
        ]  # fmt: skip

    def _said(self, name: str, text: str) -> str:
        if text in ("true", "false"):
            return _("Yes") if text == "true" else _("No")
        if name in CHIPS:
            return CHIPS[name][1](self.around, text)
        known: str | None = self.around.more.get("chips", {}).get(name)
        return known or cells.in_words(name, text)

    @cached_property
    def controls(self) -> list[tuple[Control, list[tuple[str, str]]]]:
        """The filters that can be set here, with what can be chosen; those without any choice are left out."""
        found = [(one, self._choices(one)) for one in self.table.controls]
        return [(one, pairs) for one, pairs in found if pairs or one.kind != "choice"]

    def _choices(self, control: Control) -> list[tuple[str, str]]:
        """A value that came with the address is always among them."""
        if self.around.customer is not None and control.name == "customer":
            return []
        pairs = list(control.options(self.around)) if control.options else []
        mine = self.wanted.given.get(control.name)
        return [*pairs, (mine, mine)] if mine and all(code != mine for code, _text in pairs) else pairs

    @property
    def others(self) -> list[Show]:
        """Columns that could be shown as well."""
        return [show for show in self.table.offered(self.around.customer) if show not in self.shows]

    def export(self, form: str) -> str:
        """The address of this list as a file."""
        kept = {name: text for name, text in self.given.items() if name not in ("limit", "view")}
        return of_lists(self.table, f".{form}", kept)

    def of(self, rest: str) -> str:
        """The address of what is the same for all lists: /views, /bulk."""
        return of_lists(self.table, rest)

    @property
    def may_export(self) -> bool:
        who, customer = self.around.who, self.around.customer
        return who.can("export.run", customer.id) if customer else who.can_somewhere("export.run")

    @property
    def may_bulk(self) -> bool:
        bulk, customer = self.table.bulk, self.around.customer
        return bulk is not None and customer is not None and self.around.who.can(bulk.permission, customer.id)

    @property
    def new(self) -> tuple[str, str] | None:
        """(address, text) of the button that adds one."""
        new, who, customer = self.table.new, self.around.who, self.around.customer
        if new is None or not who.can(new.permission, customer.id if customer else None):
            return None
        return next(((link, _(new.text)) for one in new.endpoints if (link := page_of(one))), None)

    @property
    def actions(self) -> list[tuple[str, str]]:
        who, customer = self.around.who, self.around.customer
        return [
            (link, _(text))
            for endpoint, text, right in self.table.actions
            if who.can(right, customer.id if customer else None) and (link := page_of(endpoint))
        ]


def answer(table: Table) -> Answer:
    """The page as the query string wants it."""
    from registry.web.lists import parts  # it needs this module

    who, customer = actor(), g.get("customer")
    if any(name in request.args for name in SENT_BY_MENU):
        return redirect(address(_arranged(table, customer)), 303)
    views = views_for(who, table.name, customer)
    usual = default_of(views)
    if usual is not None and not request.args:
        return redirect(view_address(usual))
    page = build(table, who, customer, asked(table.shape))
    page.views = views
    if request.headers.get("HX-Request"):  # while somebody types: what is below the filters, and an address to keep
        return Response(
            render_template("lists/_swapped.html", page=page, wanted=page.wanted, parts=parts),
            page.wanted.status,
            {"HX-Push-Url": page.address()},
        )
    return render_template("lists/list.html", page=page, wanted=page.wanted, parts=parts), page.wanted.status


def build(table: Table, who: Actor, customer: Customer | None, wanted: Asked) -> Page:
    """The page with its rows. For a customer's page `customer` holds, whatever the address says."""
    today = clock.today(customer.time_zone if customer else who.time_zone)
    names = wanted.values.get("columns") or table.usual(customer)
    shows = [table.known[name] for name in names]
    page = Page(table, wanted, Around(who, customer, today, Links(), given=wanted.given), shows)
    if not wanted.errors:
        try:
            page.window = table.listing.window(who, _asked_for(table, customer, wanted), table.reads(shows))
        except Invalid as problem:  # a filter that means nothing here: a made-up cursor, a customer who is not there
            wanted.errors.update(problem.errors)
    if any("customer" in show.parts for show in shows):
        page.around.customers = names_of(who, {row["customer"] for row in page.window.items if row["customer"]})
    if table.gather:
        page.around.more = table.gather(page.around, page.window.items)
    page.lines = _lines(page)
    return page


def _asked_for(table: Table, customer: Customer | None, wanted: Asked) -> dict[str, Any]:
    values = confined(table, customer, wanted.values)
    return {**values, "customer": customer} if "customer" in values and customer is not None else values


def confined(table: Table, customer: Customer | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the listing is asked for."""
    mine = {"customer": customer.id} if customer is not None and table.owned else {}
    return {**values, **mine}


def _lines(page: Page) -> list[Line]:
    """The first cell of a row leads to the row's own page, unless it leads elsewhere."""
    around, detail, key = page.around, page.detail, page.table.key
    start = named(current_app.jinja_env, "start_of_cell")
    head, *others = [(start(_(show.title), show.style), _drawer(show)) for show in page.shows]
    begins, draw = start(_(page.shows[0].title), "first"), head[1]
    lines = []
    for row in page.window.items:
        first = draw(row, around)
        if detail and not first.href:
            text, sub, _href, style, badge, iso, mark, tone = first
            first = Cell(text, sub, around.link(detail, row, key), style, badge, iso, mark, tone)
        cells = [(begins, first)]
        cells += [(begin, draw_other(row, around)) for begin, draw_other in others]
        lines.append(Line(row["id"], first.text, cells))
    return lines


def _drawer(show: Show) -> Draw:
    """What draws the cells of a column. Rows of a page say the same again and again: each saying is drawn once."""
    if not show.alone:
        return show.draw
    seen: dict[Any, Cell] = {}
    values = itemgetter(*show.parts, *show.also)

    def draw(row: Row, around: Around) -> Cell:
        value = values(row)
        found = seen.get(value)
        if found is None:
            found = seen[value] = show.draw(row, around)
        return found

    return draw


def _arranged(table: Table, customer: Customer | None) -> dict[str, str | None]:
    """What the menu of columns asks for: those ticked, in their order, one of them moved up or down."""
    names = [name for name in dict.fromkeys(request.args.getlist("column")) if name in table.known]
    for step, moved in ((-1, request.args.get("up")), (1, request.args.get("down"))):
        if moved in names:
            at = names.index(moved)
            names.insert(max(0, at + step), names.pop(at))
    rest = {name: text for name, text in request.args.items() if name not in (*SENT_BY_MENU, *PLACE, "columns")}
    chosen = None if not names or tuple(names) == table.usual(customer) else ",".join(names)
    return {**rest, "columns": chosen, "arrange": "true" if "up" in request.args or "down" in request.args else None}
