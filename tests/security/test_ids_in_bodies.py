"""Wherever the id of something may stand in a body, one of another company is refused like one that does not exist.

The places are found from the shapes of all routes. A new one must be classified here: whose things does it name?
"""

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.houses import Person
from tests.security.rewind import Rewind
from tests.security.shapes import Path, put, references, word_of
from tests.test_tenancy import NOBODY, Route, routes
from tests.two_companies import CANARY, Companies, Ids, fingerprint

# Field -> the word of tests/two_companies.py for what it names.
NAMES = {
    "customer": "customer", "product": "product", "site": "site", "parent": "asset", "holder": "contact",
    "asset": "asset", "assets": "asset", "contact": "contact", "licence": "licence", "terms": "terms",
    "previous": "contract", "line": "line", "id": "asset", "user": "user", "users": "user",
    "import": "session",
}  # fmt: skip
# Whole numbers that name nothing.
NUMBERS = {
    "amount", "amount_minor", "cost_minor", "days", "notify_within_days", "position", "quantity", "notice_days",
    "per_year", "unit_minor", "version", "steps", "quiet_days", "count", "start", "copies", "dpi", "columns", "rows",
    "expires_in_days", "most_bytes", "most_downloads", "most_files",
    "lane", "stored", "computed", "needed", "hours", "items", "item",
}  # fmt: skip
# What the operator's people may set to anybody's: they write for every company, the account manager is one of
# their own, and these fields say what the whole call is about.
OPERATORS_CHOICE = {"customer", "user"}
SUBJECTS = {
    "POST /api/v1/assets/bulk": {"id"},
    "POST /api/v1/warranties": {"asset", "licence"},
    "POST /api/v1/warranties/bulk": {"assets"},
    "POST /api/v1/agreed-functions": {"asset", "licence"},
    "POST /api/v1/label-codes": {"asset"},
    "POST /api/v1/label-codes/claim": {"asset"},
    "POST /api/v1/asset-barcodes": {"asset"},
    "POST /api/v1/x/rma/cases": {"asset"},
}


def places(companies: Companies) -> list[tuple[Route, Path]]:
    known = {route.name: route for route in routes(companies.house)}
    found = []
    for name, path, reference in references(companies.house.app):
        word = word_of(path)
        if word in NUMBERS and not reference:
            continue
        assert word in NAMES, f"{name}: say in tests/security/test_ids_in_bodies.py what {'.'.join(path)} names"
        if known[name].call.body is not None:
            found.append((known[name], path))
    return found


def plain(answer: TestResponse, *sent: object) -> tuple[int, str]:
    text = re.sub(r'"request_id":"[^"]*"', "", answer.text)
    for each in sent:
        text = text.replace(str(each), "?")
    return answer.status_code, text


def bodies(route: Route, companies: Companies, path: Path, value: Any) -> list[Any]:
    """The route's own body with the id put in, and the same without other references that may exclude it."""
    assert route.call.body is not None
    usual = route.call.body(companies.globex)
    if not isinstance(usual, dict) or "file" in usual:
        return []
    return [put(body, path, value) for body in (usual, alone(usual))]


def alone(body: dict[str, Any]) -> dict[str, Any]:
    others = NAMES.keys() - {"customer", "product"}
    return {
        name: [alone(one) if isinstance(one, dict) else one for one in given] if isinstance(given, list) else given
        for name, given in body.items() if name not in others
    }  # fmt: skip


def told_apart(who: Person, route: Route, mine: Ids, there: Any, nowhere: Any, sent: Any) -> tuple[TestResponse, bool]:
    """The answer to an id of somebody else's, and whether it differs from that to an id of nobody's."""
    call = {"headers": {"If-Match": "*"}}
    found = who.request(route.method, route.path(mine), json=there, **call)
    none = who.request(route.method, route.path(mine), json=nowhere, **call)
    return found, plain(found, sent) != plain(none, NOBODY)


@pytest.mark.slow
def test_an_id_of_another_company_is_refused_like_none(companies: Companies) -> None:
    found, people, rewind = places(companies), companies.people, Rewind(companies.house)
    theirs, mine = companies.acme, companies.globex
    before = fingerprint(theirs["customer"]), fingerprint(mine["customer"])
    reached, wrong = set(), []
    for route, path in found:
        name, sent = word_of(path), theirs[NAMES[word_of(path)]]
        asking = [people.stranger]
        if name not in OPERATORS_CHOICE | SUBJECTS.get(route.name, set()):
            asking.append(people.admin)
        there, nowhere = bodies(route, companies, path, sent), bodies(route, companies, path, NOBODY)
        for who, body, nothing in ((w, b, n) for w in asking for b, n in zip(there, nowhere, strict=True)):
            answer, differs = told_apart(who, route, mine, body, nothing, sent)
            told = f"{route.name} {'.'.join(path)} = {sent}: {answer.status_code} {answer.text[:200]}"
            if answer.status_code not in (403, 404, 422) or differs or CANARY in answer.text:
                wrong.append(told)
            if rewind.changed and (fingerprint(theirs["customer"]), fingerprint(mine["customer"])) != before:
                wrong.append(f"{told} - and something changed")
            rewind.back()
            if answer.status_code in (403, 404) or {name, "item"} & names_in(answer.json["errors"]):
                reached.add((route.name, path))
    assert not wrong, "\n".join(wrong)
    missed = {(route.name, path) for route, path in found} - reached
    assert not missed, f"refused for something else: {missed}"
    assert len(found) > 45


def names_in(errors: Any) -> set[str]:
    """The names of fields at fault, also those of items."""
    if not isinstance(errors, dict):
        return set()
    return {str(name) for name in errors}.union(*(names_in(inner) for inner in errors.values()))
