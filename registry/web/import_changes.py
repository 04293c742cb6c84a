"""Changes of an import as people read them: what things and columns are called, and where each can be looked at."""

import re
from collections.abc import Iterator
from typing import Any

from registry.customers.models import Customer
from registry.imports.models import ImportSession
from registry.imports.run import KINDS
from registry.kernel.access import Actor, visible
from registry.kernel.language import N_, _
from registry.web.history.entries import PLACES, field_word
from registry.web.lists.cells import Around
from registry.web.lists.tables import CHIPS
from registry.web.navigation import url_if
from registry.web.shell import day, moment
from registry.web.words.codes import word

TABLE_OF = {"assets": "asset", "licences": "licence", "contacts": "contact", "sites": "site", "products": "product"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODED = {"kind": "kind", "metric": "metric"}


def _brought(around: Around, text: str) -> str:
    """What the filter ?import= shows: the file, for whoever may look at the import."""
    found = None
    if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        found = visible(ImportSession, around.who).where(ImportSession.id == int(text)).first()
    if found is None or not around.who.can("import.run", found.customer_id):
        return _("No. %(id)s", id=text)
    return f"{found.filename} · {moment(found.created_at.isoformat())}"


CHIPS["import"] = (N_("Import"), _brought)


def told(who: Actor, customer: Customer, session: ImportSession, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each change with `thing`, `url` and `cells`: [(what, before, after)], or of a refused row the problems."""
    if not items:
        return []
    specs = KINDS[session.kind].fields(who, customer, session.options)
    titles = {spec.name: _(spec.title) for spec in specs}
    return [_row(session, item, titles) for item in items]


def _row(session: ImportSession, item: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    if item["outcome"] == "refused":
        return {**item, "thing": "", "url": None, "cells": item["cells"]}
    own = item["object_type"] == TABLE_OF[session.kind]
    return {
        **item,
        "thing": "" if own else word("thing", item["object_type"]),
        "url": _url(session, item),
        "cells": list(_cells(item, titles if own else {})),
    }


def _url(session: ImportSession, item: dict[str, Any]) -> str | None:
    """Where it can be looked at: nothing for what is not there yet, or not any more."""
    if item["object_id"] is None or (session.state == "undone" and item["outcome"] == "created"):
        return None
    return place(item["object_type"], item["object_id"])


def place(table: str, row_id: int) -> str | None:
    """The address of the page of a row, if it has one."""
    endpoint, argument = PLACES.get(table, ("", ""))
    return url_if(endpoint, **{argument: row_id})


def _cells(item: dict[str, Any], titles: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    order = {name: at for at, name in enumerate(titles)}
    for cell in sorted(item["cells"], key=lambda cell: order.get(cell["field"], len(order))):
        name = cell["field"]
        title = titles.get(name) or field_word(item["object_type"], name.removeprefix("custom."))
        yield title, _said(name, cell["before"]), _said(name, cell["after"])


def _said(name: str, text: str | None) -> str:
    if text is None:
        return ""
    if text in ("true", "false"):
        return _("Yes") if text == "true" else _("No")
    if name in _CODED:
        return word(_CODED[name], text)
    if name == "status":
        return _(text)  # shipped names are ours to say, those that somebody gave stand as they are
    return day(text) if _DAY.fullmatch(text) else text
