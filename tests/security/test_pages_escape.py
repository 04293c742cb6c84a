"""Whatever people type into any field of any body stays text on every page, in every file and in every answer."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from registry.kernel.shapes import Line, Prose
from tests.security.random_calls import Forms
from tests.security.shapes import put, shapes_of
from tests.test_tenancy import routes
from tests.two_companies import Companies

pytestmark = pytest.mark.slow

MARK = "zx9"
PAYLOADS = (
    f"<script>{MARK}()</script>",
    f"\"'><img src=x onerror={MARK}()>",
    f"javascript:{MARK}()//{{{{7*7}}}}",
    f"</textarea></title><svg/onload={MARK}()>",
)
FILES = {"POST /api/v1/labels/print": "application/pdf"}  # what answers with a file of this type, not with JSON


class Alive(HTMLParser):
    """What of a page would run: handlers, scripts of its own, addresses that are code, pictures from nowhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip().lower() for name, value in attrs}
        code = [
            v for n, v in given.items() if n in ("href", "src", "action", "formaction") and v.startswith("javascript")
        ]
        handlers = [name for name in given if name.startswith("on") or name == "srcdoc"]
        if code or handlers or given.get("src") == "x" or (tag == "script" and not given.get("src")):
            self.found.append(self.get_starttag_text() or tag)
        self.in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self.in_script and data.strip():
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False


def texts_of(shape: Schema) -> list[tuple[str, fields.Field[Any]]]:
    """Fields that take free text: no choice, no pattern, no address."""
    free = []
    for name, field in shape.fields.items():
        chosen = [rule for rule in field.validators if isinstance(rule, validate.OneOf | validate.Regexp)]
        if isinstance(field, Line | Prose) and not chosen and not field.dump_only:
            free.append((name, field))
    return free


def poison(companies: Companies) -> set[tuple[str, str]]:
    """Write each payload into every free text of every body; answers the (route, field) that took one."""
    people, taken = companies.people, set()
    known = dict(shapes_of(companies.house.app, "json"))
    for route in routes(companies.house):
        usual = route.options(companies.acme).get("json")
        if route.name not in known or not isinstance(usual, dict):
            continue
        for name, field in texts_of(known[route.name]):
            for number, payload in enumerate(PAYLOADS):
                text = f"{payload}{number}"[: getattr(field, "longest", 255)]
                for who in (people.admin, people.owner):
                    body = put(usual, (name,), text)
                    answer = who.request(route.method, route.path(companies.acme), json=body, headers={"If-Match": "*"})
                    assert answer.status_code < 500, f"{route.name} {name}: {answer.text[:200]}"
                    files = FILES.get(route.name, "") if answer.status_code < 300 else ""
                    assert answer.mimetype == (files or "application/json"), route.name
                    if answer.status_code < 300:
                        taken.add((route.name, name))
                        break
    return taken


def pages_from(companies: Companies, who: Any, start: list[str]) -> dict[str, str]:
    """Every page that can be reached by links and forms from these."""
    seen: dict[str, str] = {}
    todo = list(start)
    while todo and len(seen) < 150:
        path = todo.pop(0)
        if path in seen or path.startswith("/static") or "sign-out" in path:
            continue
        answer = who.get(path)
        answer.get_data()  # to its end: what streams is closed by it
        if answer.mimetype != "text/html":
            continue
        seen[path] = answer.text
        page = Forms(answer.text)
        todo += [link.split("#")[0] for link in page.links]
        todo += [action for method, action, _ in page.forms if method == "GET" and action.startswith("/")]
    return seen


def test_nothing_that_was_typed_runs_on_any_page(companies: Companies) -> None:
    taken = poison(companies)
    assert len(taken) > 40, f"too few fields took anything: {sorted(taken)}"
    people = companies.people
    pages = {route.path(companies.acme) for route in routes(companies.house) if route.page and route.method == "GET"}
    pages -= {"/static/none.css"}
    met = 0
    for who in (people.admin, people.owner):
        seen = pages_from(companies, who, ["/", *sorted(pages), "/find?q=zx9", f"/find?q={PAYLOADS[1]}"])
        for path, text in seen.items():
            assert not Alive(text).found, f"{path}: {Alive(text).found}"
            assert "49" not in re.findall(rf"{MARK}\(\)//(\S{{0,6}})", text), f"{path} counted for us"
            met += MARK in text
        assert len(seen) > 5, sorted(seen)
    assert met > 4, "the payloads are on the pages, as text"


def test_what_comes_as_a_file_is_no_page(companies: Companies) -> None:
    """Exports and documents come as files of their type, to be saved: no browser shows one as a page of ours."""
    poison(companies)
    for kind in ("assets", "sites", "contacts", "licences", "contracts", "products"):
        for form in ("csv", "json", "xlsx"):
            answer = companies.people.owner.get(f"/api/v1/exports/{kind}.{form}")
            answer.get_data()
            assert answer.headers["Content-Disposition"].startswith("attachment"), kind
            assert answer.headers["X-Content-Type-Options"] == "nosniff" and "html" not in answer.mimetype


def test_what_would_run_is_found() -> None:
    for page in ("<script>x()</script>", "<img src=x>", "<p onclick=x>", "<a href='javascript:x'>", "<svg/onload=x>"):
        assert Alive(page).found, page
    assert not Alive('<script src="/static/a.js"></script><p>&lt;script&gt; onerror=x</p>').found
