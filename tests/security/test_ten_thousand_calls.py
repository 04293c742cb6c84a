"""Ten thousand calls of one company against the other: not a row of it changes, not a word of it comes out."""

import os
from collections import Counter
from random import Random
from typing import Any

import pytest
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from registry.kernel import db
from registry.kernel.access import Actor
from registry.people.models import Session
from registry.people.signin import Origin, open_session
from tests.houses import House
from tests.security.random_calls import Forms, Maker, another_id, sings
from tests.security.rewind import Revival, Rewind
from tests.test_tenancy import Route, routes
from tests.two_companies import Companies, fingerprint

CALLS = int(os.environ.get("ASSETCARE_TEST_CALLS", "10000"))
LOOK_EVERY, FRESH_EVERY = 20, 250
HEADERS = ("*", '"1"', '"2"', "")


class Neighbour:
    """globex's manager with a session in one browser and a token in a program, and all of acme's ids on a note."""

    def __init__(self, companies: Companies, seed: int) -> None:
        self.companies, self.dice = companies, Random(seed)
        app, person = companies.house.app, companies.people.stranger
        self.maker = Maker(app, self.dice, companies.acme, companies.globex)
        self.token = person.token
        self.browser, self.program = app.test_client(), app.test_client()
        self.cookie = open_session(person.user, Origin())
        self.csrf = Session.select().where(Session.user == person.user).order_by(Session.id.desc()).get().csrf
        self.browser.set_cookie("assetcare", self.cookie)
        self.known = [route for route in routes(companies.house) if route.rule != "/static/<path:filename>"]
        self.forms: dict[tuple[str, str], dict[str, str]] = {}
        self.links = ["/c/globex", "/c/globex/assets"]
        self.last = ""

    def call(self) -> TestResponse:
        chosen = self.dice.random()
        if chosen < 0.08 and self.forms:
            return self._fill_in()
        if chosen < 0.16:
            return self._send("GET", another_id(self.dice.choice(self.links), self.companies.acme, self.dice), {})
        return self._route(self.dice.choice(self.known))

    def _route(self, route: Route) -> TestResponse:
        ids = self.maker.ids_mixed()
        path = route.path(ids).split("?")[0]
        options: dict[str, Any] = {"query_string": self.maker.query(route.name)} if route.method == "GET" else {}
        given = route.options(ids)
        if "json" in given or route.name in self.maker.bodies and "data" not in given:
            given = {"json": self.maker.body(route.name, given.get("json"))}
        elif isinstance(given.get("data"), dict) and self.dice.random() < 0.5:
            given["data"] |= {"customer": self.dice.choice(["acme", "globex", str(ids["customer"])])}
        return self._send(route.method, path, options | given, query=route.call.query)

    def _fill_in(self) -> TestResponse:
        (method, action), names = self.dice.choice(sorted(self.forms.items(), key=str))
        texts = [str(value) for value in self.companies.acme.values()]
        values = {name: given if self.dice.random() < 0.5 else self.dice.choice(texts) for name, given in names.items()}
        if "csrf_token" in values:
            values["csrf_token"] = self.csrf
        where = another_id(action, self.companies.acme, self.dice)
        return self._send(method, where, {"query_string" if method == "GET" else "data": values}, browser=True)

    def _send(
        self, method: str, path: str, options: dict[str, Any], *, query: str = "", browser: bool = False
    ) -> TestResponse:
        headers = {"If-Match": self.dice.choice(HEADERS)}
        if query and "query_string" not in options:
            options["query_string"] = query
        if browser or self.dice.random() < 0.5:
            client, headers["X-CSRF-Token"] = self.browser, self.csrf
        else:
            client, headers["Authorization"] = self.program, f"Bearer {self.token}"
        shown = {name: "a file" if "file" in str(value)[:400] else value for name, value in options.items()}
        self.last = f"{method} {path} {shown} {'session' if client is self.browser else 'token'}"
        answer = client.open(path, method=method, headers=headers, **options)
        answer.get_data()
        answer.close()
        self._learn(answer)
        return answer

    def _learn(self, answer: TestResponse) -> None:
        """Remember forms and links of the pages seen."""
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Forms(answer.text)
            for method, action, names in page.forms:
                if action.startswith("/") and "sign-out" not in action and len(self.forms) < 200:
                    self.forms[method, action] = names
            self.links = [*self.links, *page.links][-300:]

    def shut_out(self, answer: TestResponse) -> bool:
        """He has ended his own session or token, or taken his own role away."""
        gone = answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in?next=")
        return gone or self.browser.get_cookie("assetcare") is None


def stumble(
    companies: Companies, seed: int, calls: int, rewind: Rewind | Revival | None = None, *, near: str = ""
) -> Counter[str]:
    """That many calls, on routes whose address begins with `near`; fails at the first that shows or changes anything of
    acme's. Answers by kind."""
    him = Neighbour(companies, seed)
    him.known = [route for route in him.known if route.rule.startswith(near)]
    rewind = rewind or Rewind(companies.house)
    acme, found = companies.acme["customer"], Counter[str]()
    before, recent = fingerprint(acme), list[str]()
    for number in range(calls):
        answer = him.call()
        told = f"seed {seed}, call {number}: {him.last}: {answer.status_code} {answer.data[:300]!r}"
        recent = [*recent[-LOOK_EVERY:], told]
        found[kind_of(him.last, answer.status_code)] += 1
        assert answer.status_code < 500, told
        assert not sings(answer, *him.maker.texts), f"it sang: {told}"
        fresh = him.shut_out(answer) or number % FRESH_EVERY == FRESH_EVERY - 1
        if fresh or number % LOOK_EVERY == LOOK_EVERY - 1 or number == calls - 1:
            assert fingerprint(acme) == before, "acme changed by one of these:\n" + "\n".join(recent)
        if fresh:
            rewind.back()
            him.browser.set_cookie("assetcare", him.cookie)
    return found


def kind_of(call: str, status: int) -> str:
    method, path = call.split()[:2]
    return f"{'api' if path.startswith('/api/') else 'page'} {'read' if method == 'GET' else 'write'} {status // 100}xx"


def test_a_few_calls_show_nothing_either(companies: Companies) -> None:
    assert stumble(companies, 7, 150).total() == 150


def test_a_hole_is_found(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "customers", property(lambda self: None))  # every query without its scope
    with pytest.raises(AssertionError, match="it sang: seed 1, call"):
        stumble(companies, 1, 200)


def test_a_hole_for_writing_is_found(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    """One verb that believes the id in the address: the rows change though no answer shows anything."""

    def retire(asset_id: int) -> Response:
        db.run_sql("UPDATE asset SET notes = 'mine' WHERE id = ?", (asset_id,))
        return Response("{}", mimetype="application/json")

    views = companies.house.app.view_functions
    retire.__policy__ = views["api_assets.retire_asset"].__policy__  # type: ignore[attr-defined]
    retire._apidoc = {}  # type: ignore[attr-defined]
    monkeypatch.setitem(views, "api_assets.retire_asset", retire)
    with pytest.raises(AssertionError, match="acme changed by one of these"):
        stumble(companies, 1, 400, near="/api/v1/assets/")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_nothing_of_the_other_company_comes_out_or_changes(companies: Companies, seed: int) -> None:
    found = stumble(companies, seed, CALLS // 4)
    print(f"seed {seed}: {found.total()} calls, {dict(found)}")
    assert found.total() == CALLS // 4
    enough = {"api read 2xx": 20, "api write 2xx": 50, "page read 2xx": 20}
    assert all(found[kind] > found.total() // part for kind, part in enough.items()), f"too little: {dict(found)}"


@pytest.mark.slow
@pytest.mark.postgres
def test_nothing_comes_out_or_changes_on_postgresql(postgres_house: House) -> None:
    companies = Companies(postgres_house)
    found = stumble(companies, 5, 600, Revival(companies.people.stranger.user.id))
    print(f"PostgreSQL: {found.total()} calls, {dict(found)}")
    assert found["api read 2xx"] > 20 and found["page read 2xx"] > 20
