"""Everybody who may knock: with which credential, and with which rights over whose things."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.kernel import clock
from registry.people.models import Session, Token
from registry.people.roles import permissions_of
from registry.people.signin import Origin, open_session
from registry.people.tokens import expand_scope
from tests.houses import Person
from tests.two_companies import Companies

HOUSE, ACME, GLOBEX, NOWHERE = "house", "acme", "globex", "nowhere"


@dataclass
class Caller:
    """`place`: whose people he belongs to; `nowhere` for a credential that is none (any more)."""

    name: str
    place: str
    client: FlaskClient
    rights: frozenset[str] = frozenset()
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str | None = None
    confirmed: bool = True  # by session: has proved who he is only just

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        if self.cookie:
            self.client.set_cookie("assetcare", self.cookie)
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        match = {} if method in ("GET", "HEAD") else {"If-Match": "*"}
        headers = {**match, **bearer, **self.headers, **options.pop("headers", {})}
        answer = self.client.open(path, method=method, headers=headers, **options)
        answer.get_data()  # a stream keeps its request open until it has been read
        answer.close()
        return answer


def everybody(companies: Companies) -> list[Caller]:
    """One of each, acme's people and the operator's, its neighbour, and those whose time is over."""
    people, house = companies.people, companies.house

    def caller(name: str, place: str, role: str = "", token: str | None = None) -> Caller:
        return Caller(name, place, house.app.test_client(), permissions_of(role), token)

    narrow = people.owner.post("/api/v1/tokens", {"name": "narrow", "scope": ["read"]}).json["token"]
    found = [
        caller("nobody", NOWHERE),
        caller("unknown token", NOWHERE, token="x" * 43),
        caller("deactivated", NOWHERE, token=companies.deactivated.token),
        caller("expired token", NOWHERE, token=_spoilt(people.owner, expires_at=clock.now() - timedelta(seconds=1))),
        caller("revoked token", NOWHERE, token=_spoilt(people.owner, revoked_at=clock.now())),
        caller("reader", ACME, "reader", people.reader.token),
        caller("member", ACME, "member", people.colleague.token),
        caller("manager", ACME, "manager", people.owner.token),
        caller("engineer", HOUSE, "engineer", people.engineer.token),
        caller("auditor", HOUSE, "auditor", people.auditor.token),
        caller("account manager", HOUSE, "account_manager", people.account_manager.token),
        caller("admin", HOUSE, "admin", people.admin.token),
        caller("neighbour", GLOBEX, "manager", people.stranger.token),
    ]
    narrowed = caller("narrow token", ACME, "manager", narrow)
    narrowed.rights &= expand_scope(["read"])
    machine = people.owner.post(f"/api/v1/users/{companies.acme['machine']}/tokens", {"name": "of a machine"})
    return [*found, narrowed, caller("machine", ACME, "reader", machine.json["token"]), *_browsers(companies, caller)]


def _browsers(companies: Companies, caller: Callable[..., Caller]) -> Iterator[Caller]:
    """The same people with a session: one that is new, one whose proof has grown old, and half ones."""
    people, old = companies.people, clock.now() - timedelta(minutes=25)
    half: dict[str, Any] = {"stage": "half", "confirmed_at": None}
    for name, place, role, person, values in (
        ("manager's session", ACME, "manager", people.owner, {}),
        ("reader's session", ACME, "reader", people.reader, {}),
        ("admin's session", HOUSE, "admin", people.admin, {}),
        ("neighbour's session", GLOBEX, "manager", people.stranger, {}),
        ("session to be confirmed", ACME, "manager", people.owner, {"confirmed_at": old}),
        ("admin's to be confirmed", HOUSE, "admin", people.admin, {"confirmed_at": old}),
        ("half-signed-in", NOWHERE, "manager", people.owner, half),
        ("half-signed-in admin", NOWHERE, "admin", people.admin, half),
        ("ended session", NOWHERE, "manager", people.owner, {"seen_at": clock.now() - timedelta(hours=13)}),
    ):
        secret = open_session(person.user, Origin())
        row = Session.select().where(Session.user == person.user).order_by(Session.id.desc()).get()
        if values:
            Session.update(**values).where(Session.id == row.id).execute()
        one = caller(name, place, role)
        one.client.set_cookie("assetcare", secret)
        one.cookie, one.headers["X-CSRF-Token"] = secret, row.csrf
        one.confirmed = "confirmed_at" not in values
        yield one


def _spoilt(person: Person, **values: Any) -> str:
    made = person.post("/api/v1/tokens", {"name": "spoilt"}).json
    Token.update(**values).where(Token.id == made["id"]).execute()
    return str(made["token"])
