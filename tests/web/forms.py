"""Pages as a browser without scripts uses them: read a page, fill in its form, send it."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from peewee import Database
from werkzeug.test import TestResponse

from tests.houses import Person


class Fields(HTMLParser):
    """What a form of the page would send as it stands: the one whose action ends in `action`."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.area, self.choice = action, False, "", ""
        self.values: dict[str, list[str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("action", "").endswith(self.action)
        name = given.get("name", "")
        if not self.inside:
            return
        if tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "textarea":
            self.area = name
            self.values[name] = [""]
        elif tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and ("selected" in given or self.choice not in self.values):
            self.values[self.choice] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("textarea", "select"):
            self.area = self.choice = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area][0] += unescape(data)


def fill(person: Person, page: str, action: str = "", **typed: Any) -> TestResponse:
    """Open `page`, fill `typed` into the form that goes to `action` (itself, if none is named), send it."""
    target = action or page
    form = Fields(person.get(page).text, target)
    assert form.values, f"{page} has no form to {target}"
    return person.request("POST", target, data={**form.values, **typed})


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every SELECT that the block sends to the database; that a token was used is written down once a minute."""
    asked: list[str] = []
    run = Database.execute_sql

    def counted(self: Database, sql: str, *rest: Any, **more: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            asked.append(sql)
        return run(self, sql, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "execute_sql", counted)
        yield asked
