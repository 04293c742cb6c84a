"""Pages to change many rows at once: choose what, see what would become of each, then all of it or nothing."""

import re
from typing import Any

from flask import flash, g, redirect, render_template, request

from registry.kernel.errors import Invalid, NotFound
from registry.kernel.language import _, ngettext
from registry.kernel.together import MOST
from registry.web.forms import Form
from registry.web.identity import actor
from registry.web.lists.asked import Asked, asked
from registry.web.lists.bulk import Bulk, Outcome, outcomes, sentences, typed
from registry.web.lists.cells import Row
from registry.web.lists.page import Page, build, confined
from registry.web.lists.pages import lists, open_table
from registry.web.lists.tables import Answer, Table
from registry.web.policy import signed_in

SHOWN = 100  # rows of a preview; the others are counted
_ROWS = re.compile(r"[0-9]{1,18}(:[0-9]{1,9})?( [0-9]{1,18}(:[0-9]{1,9})?)*\Z")


@lists.get("/lists/<kind>/bulk")
@signed_in
def bulk(kind: str) -> Answer:
    """What is to change: for the rows that were ticked, or (?all=true) for all that fit the filters."""
    table, how = _open(kind)
    rows = _all_that_fit(table) if request.args.get("all") else _ticked(table)
    if isinstance(rows, str):
        return _form(table, how, [], Form(how.shape(), only=("",)), message=rows)
    return _form(table, how, rows, Form(how.shape(), only=("",)))


@lists.post("/lists/<kind>/bulk")
@signed_in
def change_many(kind: str) -> Answer:
    """See what would happen; with apply, let it happen."""
    table, how = _open(kind)
    rows, versions = _sent_rows(table, how)
    form = typed(how, request.form)
    if not rows:
        return _form(table, how, [], form, message=_("Tick the rows on the list that you want to change."))
    if not form.typed:
        return _form(table, how, rows, form, message=_("Choose what is to change."))
    if not form.send(lambda values: values):
        return _form(table, how, rows, form)
    if request.form.get("apply") and not _problems(how, rows, versions, form):
        flash(ngettext("One row was changed.", "%(num)s rows were changed.", len(versions)))
        return redirect(table.address({}), 303)
    return _preview(table, how, rows, form)


def _open(kind: str) -> tuple[Table, Bulk]:
    table = open_table(kind)
    if table.bulk is None:
        raise NotFound()
    actor().must(table.bulk.permission, g.customer.id)
    return table, table.bulk


def _columns(table: Table, how: Bulk) -> list[str]:
    """What a preview reads of a row: what may change, and what it takes to draw that and to name the row."""
    shows = [table.known[name] for name in (table.shown[0], *how.columns)]
    return list(dict.fromkeys([*table.reads(shows), *how.columns]))


def _mine(table: Table, how: Bulk, ids: list[int]) -> list[dict[str, Any]]:
    """Those of the rows that are this customer's."""
    found = table.listing.these(actor(), ids, _columns(table, how))
    return [row for row in found if row["customer"] == g.customer.slug]


def _ticked(table: Table) -> list[dict[str, Any]] | str:
    ids = [int(text) for text in request.args.getlist("id")[:MOST] if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII)]
    assert table.bulk  # noqa: S101 - _open saw to it
    rows = _mine(table, table.bulk, ids) if ids else []
    return rows or _("Tick the rows on the list that you want to change.")


def _all_that_fit(table: Table) -> list[dict[str, Any]] | str:
    wanted = _without_all(table)
    if wanted.errors:
        raise Invalid(errors=wanted.errors)
    assert table.bulk  # noqa: S101 - _open saw to it
    arguments = {name: value for name, value in wanted.values.items() if name in table.listing.filters}
    names = _columns(table, table.bulk)
    arguments = {**confined(table, g.customer, arguments), "limit": MOST + 1}
    rows = table.listing.window(actor(), arguments, names).items
    if len(rows) > MOST:
        return _("More than %(most)s fit. Narrow the list down with filters first.", most=f"{MOST:,}")
    return rows or _("Nothing fits these filters.")


def _without_all(table: Table) -> Asked:
    wanted = asked(table.shape)
    wanted.errors.pop("all", None)
    if not wanted.errors and not wanted.values:
        given = {name: text for name, text in wanted.given.items() if name != "all"}
        return Asked(given, table.shape.load(given))
    return wanted


def _sent_rows(table: Table, how: Bulk) -> tuple[list[dict[str, Any]], list[tuple[int, int]]]:
    """The rows that the form is about, and the versions of them that the reader has seen."""
    text = request.form.get("rows", "")
    if not _ROWS.match(text):
        return [], []
    pairs = [(int(one.partition(":")[0]), int(one.partition(":")[2] or 0)) for one in text.split(" ")[:MOST]]
    return _mine(table, how, [row_id for row_id, _version in pairs]), pairs


def _problems(how: Bulk, rows: list[dict[str, Any]], versions: list[tuple[int, int]], form: Form) -> bool:
    """Change them; whether that was refused. What the reader has not seen (another version) is refused too."""
    if {row["id"] for row in rows} != {row_id for row_id, _version in versions}:
        return _refused(form, [_("Some of these rows are gone.")])
    try:
        how.verb(actor(), [{"id": row_id, "version": version or -1, **form.answer} for row_id, version in versions])
    except Invalid as problem:
        return _refused(form, sentences(problem.errors))
    return False


def _refused(form: Form, texts: list[str]) -> bool:
    form.message = " ".join([_("Nothing was changed."), *list(dict.fromkeys(texts))[:3]])
    form.status = 422
    return True


def _form(table: Table, how: Bulk, rows: list[dict[str, Any]], form: Form, *, message: str = "") -> Answer:
    page = _page(table, rows)
    form.message = message or form.message
    status = 422 if message and request.method == "POST" else form.status
    text = " ".join(str(row["id"]) for row in rows)
    return render_template(
        "lists/bulk.html", page=page, table=table, how=how, form=form, rows=text, count=len(rows), sent=request.form
    ), status


def _preview(table: Table, how: Bulk, rows: list[dict[str, Any]], form: Form) -> Answer:
    found = outcomes(actor(), how, rows, form.answer, lambda ids: _mine(table, how, ids))
    page = _page(table, [*rows, *(one.after for one in found)])
    changed = [one for one in found if one.changes]
    refused = [one for one in found if one.refused]
    return render_template(
        "lists/bulk_preview.html", page=page, table=table, how=how, form=form, sent=request.form,
        changed=[_told(page, table, one) for one in changed[:SHOWN]], count=len(changed),
        refused=[(_label(page, table, one.row), one.refused) for one in refused[:SHOWN]], refused_count=len(refused),
        same=len(found) - len(changed) - len(refused),
        rows=" ".join(f"{one.row['id']}:{one.row['version']}" for one in changed),
    ), form.status  # fmt: skip


def _page(table: Table, rows: list[Any]) -> Page:
    """What cells need in order to be drawn."""
    page = build(table, actor(), g.customer, Asked({}, {"limit": 1}))
    if table.gather:
        page.around.more = table.gather(page.around, rows)
    return page


def _told(page: Page, table: Table, one: Outcome) -> tuple[str, list[tuple[str, str, str]]]:
    def said(name: str, row: Row) -> str:
        return table.known[name].draw(row, page.around).text

    lines = [(_(table.known[name].title), said(name, one.row), said(name, one.after)) for name in one.changes]
    return _label(page, table, one.row), lines


def _label(page: Page, table: Table, row: Row) -> str:
    return table.known[table.shown[0]].draw(row, page.around).text
