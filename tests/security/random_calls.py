"""Calls that somebody could make who knows every address and every id: bodies from the shapes, forms from the pages."""

import io
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from random import Random
from typing import Any

from flask import Flask
from marshmallow import Schema, fields, validate
from werkzeug.test import TestResponse

from registry.kernel.shapes import Ref
from tests.security.shapes import shapes_of
from tests.security.test_ids_in_bodies import NAMES
from tests.two_companies import CANARY, Ids

DATES = ("2026-01-01", "2026-06-01", "2024-02-29", "2027-12-31")
WORDS = ("new", "x", "Main hall", "EUR", "P1Y", "en", "2026-01-01", "reader", "admin", "read", "*", "a@example.com")


class Maker:
    """Makes up values: mostly ids of the other company, some of one's own, some nonsense."""

    def __init__(self, app: Flask, dice: Random, theirs: Ids, mine: Ids) -> None:
        self.dice, self.theirs, self.mine = dice, theirs, mine
        self.bodies = dict(shapes_of(app))
        self.queries = dict(shapes_of(app, "query"))
        self.ids = [value for value in theirs.values() if isinstance(value, int)]
        self.texts = [value for value in theirs.values() if isinstance(value, str)]
        self.serial, self.at_home = 0, False

    def ids_mixed(self) -> Ids:
        """A word's id: half the time one's own, so that much gets through; else mostly of the other company."""
        self.at_home = self.chance(0.5)
        if self.at_home:
            return dict(self.mine)
        return {word: self.dice.choice((self.theirs, self.theirs, self.mine))[word] for word in self.theirs}

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def reference(self, name: str) -> Any:
        word = NAMES.get(name)
        if word and self.at_home and self.chance(0.7):
            return self.mine[word]
        known = [ids[word] for ids in (self.theirs, self.theirs, self.mine)] if word else []
        return self.dice.choice([*known * 4, *self.ids[:3], self.dice.choice(self.texts), None, True, 0])

    def query(self, name: str) -> dict[str, Any]:
        shape = self.queries.get(name)
        if shape is None or self.chance(0.3):
            return {}
        chosen = self.dice.sample(sorted(shape.fields), k=min(len(shape.fields), self.dice.randint(0, 2)))
        return {field: self.of_field(field, shape.fields[field], 1) for field in chosen}

    def body(self, name: str, usual: Any) -> Any:
        """The usual body with other ids and some fields of its own, or one made from the shape alone."""
        shape = self.bodies.get(name)
        if shape is None:
            return usual
        if isinstance(usual, dict) and self.chance(0.6):
            changed = self.dice.sample(sorted(shape.fields), k=min(len(shape.fields), self.dice.randint(0, 2)))
            return usual | {field: self.of_field(field, shape.fields[field], 2) for field in changed}
        return self.of_shape(shape, 3)

    def of_shape(self, shape: Schema, levels: int) -> dict[str, Any]:
        return {
            name: self.of_field(name, field, levels)
            for name, field in shape.fields.items()
            if not field.dump_only and (field.required or self.chance(0.3))
        }

    def of_field(self, name: str, field: Any, levels: int) -> Any:
        if self.chance(0.03):
            return self.dice.choice([None, "", [], {}, -1, 2**63, "\x00", *self.ids])
        if isinstance(field, Ref) or (name in NAMES and isinstance(field, fields.Integer)):
            return self.reference(name)
        if isinstance(field, fields.Nested):
            return self.of_shape(field.schema, levels - 1) if levels else {}
        if isinstance(field, fields.List):
            return [self.of_field(name, field.inner, levels) for _ in range(self.dice.randint(1, 2))]
        if isinstance(field, fields.Boolean):
            return self.chance(0.5)
        if isinstance(field, fields.Number):
            return self.dice.choice([1, 2, 5, *self.ids[:4]])
        if isinstance(field, fields.Date):
            return self.dice.choice(DATES)
        return self.text(field)

    def text(self, field: Any) -> Any:
        choices = [rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)]
        if choices:
            return self.dice.choice([*choices[0]])
        if isinstance(field, fields.Email):
            self.serial += 1
            return f"new{self.serial}@example.com"
        return self.dice.choice([*WORDS, f"w{self.dice.randint(0, 10_000)}", *self.texts[:2]])


class Forms(HTMLParser):
    """The forms of a page as (method, action, names to values), and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("method", "get").upper(), given.get("action", ""), {}))
        elif tag in ("input", "select", "textarea", "button") and self.forms and given.get("name"):
            self.forms[-1][2].setdefault(given["name"], given.get("value", ""))
        elif tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])


def another_id(path: str, ids: Ids, dice: Random) -> str:
    """The same address with somebody else's number or name in it."""
    numbers = [value for value in ids.values() if isinstance(value, int)]
    found = re.sub(r"(?<=/)\d+", lambda _: str(dice.choice(numbers)), path)
    return found.replace("/globex", f"/{ids['slug']}") if dice.random() < 0.5 else found


def told(answer: TestResponse) -> Iterator[str]:
    """Everything that an answer tells: headers, text, and what is packed into it."""
    yield str(answer.headers)
    yield answer.data.decode(errors="replace")
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            for name in packed.namelist():
                yield name + packed.read(name).decode(errors="replace")


def sings(answer: TestResponse, *sent: str) -> bool:
    """Whether anything of the other company's is in it, apart from what we sent ourselves."""
    for text in told(answer):
        for each in sorted(sent, key=len, reverse=True):
            text = text.replace(each, "")
        if CANARY in text:
            return True
    return False
