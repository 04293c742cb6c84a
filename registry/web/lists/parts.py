"""What the kept parts of a list's page (registry/web/fragments.py) are given: all that they show, and nothing else."""

from collections.abc import Iterable
from typing import Any

from registry.kernel.language import _
from registry.web.lists.cells import Show
from registry.web.lists.page import Page

Parts = tuple[Any, ...]


def filter_form(page: Page, path: str, buttons: str) -> Parts:
    """`buttons`: as the part of that name was drawn."""
    given, errors = page.wanted.given, page.wanted.errors
    controls = tuple(
        (one.name, one.label, one.kind, one.blank, tuple(pairs), given.get(one.name, ""), said(errors.get(one.name)))
        for one, pairs in page.controls
    )
    orders = tuple(sorts(page)) if page.table.listing.orders else ()
    return path, controls, narrowed(page), orders, given.get("sort", ""), said(errors.get("sort")), buttons


def said(texts: Any) -> tuple[str, ...]:
    """The sentences of an error."""
    return (str(texts),) if isinstance(texts, str) else tuple(str(one) for one in texts or ())


def filter_buttons(page: Page, swapped: bool) -> Parts:
    """What the form carries along unseen, and where all filters are gone."""
    shown = {one.name for one, _pairs in page.controls} | {"sort"}
    hidden = tuple((name, text) for name, text in page.given.items() if name not in shown)
    return hidden, page.plain_address if page.filters else "", swapped


def narrowed(page: Page) -> bool:
    """Whether any filter but the first is set, or the order."""
    return any(one.name in page.wanted.given for one, _pairs in page.controls[1:]) or "sort" in page.wanted.given


def sorts(page: Page) -> Iterable[tuple[str, str]]:
    titles = {column.name: column.title for column in page.table.listing.columns}
    yield "", _("Oldest first")
    yield "-id", _("Newest first")
    for order in page.table.listing.orders:
        title = _(titles.get(order, order))
        yield order, _("%(column)s, rising", column=title)
        yield f"-{order}", _("%(column)s, falling", column=title)


def tools(page: Page, csrf: str | None, ticks: bool, menu: str) -> Parts:
    """`menu`: of the columns, where it is open."""
    files = page.may_export and not page.wanted.errors
    return (
        tuple(page.chips),
        saved(page, csrf) if page.may_save else None,
        "" if menu else page.address(arrange="true"),
        menu,
        (page.export("csv"), page.export("xlsx")) if files else None,
        page.bulk_all if ticks else "",
    )


def saved(page: Page, csrf: str | None) -> Parts:
    """Saved filters, and the forms that save one."""
    chosen, views = page.view, page.of("/views")
    found = tuple((page.view_address(one), one.name, bool(one.shared), one is chosen) for one in page.views)
    mine = (chosen.name, f"{views}/{chosen.id}", chosen.version) if page.may_change_view else None
    whole = not chosen and not page.filters
    name = chosen.name if chosen else ""
    return csrf, page.query, views, page.plain_address, whole, name, found, mine, page.may_share


def header(page: Page, ticks: bool) -> Parts:
    return ticks, tuple((show.title, show.style, *sort_link(page, show)) for show in page.shows)


def sort_link(page: Page, show: Show) -> tuple[str, str]:
    """(address, aria-sort) of the header of a column; nothing where the list cannot be sorted by it."""
    order = next((part for part in show.parts if part in page.table.listing.orders), None)
    if order is None:
        return "", ""
    now = page.wanted.given.get("sort", "")
    state = "ascending" if now == order else "descending" if now == f"-{order}" else "none"
    return page.address(sort=f"-{order}" if now == order else order), state
