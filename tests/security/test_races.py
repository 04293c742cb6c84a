"""Fifty requests at once, in two server processes, for something that only one can have: exactly one gets it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.kernel import audit, db
from registry.kernel.access import visible
from registry.licences.models import LicenceAssignment
from tests.houses import House, People
from tests.security.serving import Reply, Request, at_once, serving
from tests.server import Server

pytestmark = pytest.mark.slow
TOGETHER, ROUNDS = 50, 2
V1 = "/api/v1"
ANY = {"If-Match": "*"}


class Contest:
    """A running installation with two administrators and something to fight for."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.people = house, house.people()
        self.second = house.person("second@operator.example", "admin")
        self.product = house.product("Switch 48").id
        self.assets = [house.asset("acme", f"S{n}", product=self.product).id for n in range(TOGETHER)]
        self.software = house.product("Editor", "software").id
        house.close()
        self.server: Server = serving(house, folder)

    def all(self, method: str, path: str, bodies: list[Any], **more: Any) -> list[Reply]:
        """Each body by one of two people of the operator, all at the same moment."""
        tokens = (self.people.admin.token, self.people.account_manager.token)
        requests = [
            Request(method, f"{V1}/{path}", body, more.get("token") or tokens[n % 2], more.get("headers", {}))
            for n, body in enumerate(bodies)
        ]
        return at_once(self.server.port, requests)

    def one(self, method: str, path: str, body: Any = None) -> Any:
        [reply] = at_once(
            self.server.port, [Request(method, f"{V1}/{path}", body, self.people.admin.token, ANY)]
        )  # fmt: skip
        assert reply.status in (200, 201, 204), reply.text
        return reply.json if reply.text else None


@pytest.fixture
def contest(any_house: House, tmp_path: Path) -> Iterator[Contest]:
    made = Contest(any_house, tmp_path)
    with made.server:
        yield made
    any_house.open()
    assert all(state.fault is None for state in audit.verify())


def check(replies: list[Reply], *losing: int) -> Reply:
    """The one that won; all others lost by one of these statuses."""
    statuses = Counter(reply.status for reply in replies)
    winners = [reply for reply in replies if reply.status < 300]
    texts = {reply.text for reply in replies if reply.status >= 500}
    assert len(winners) == 1 and set(statuses) <= {200, 201, *losing}, f"{statuses} {texts}"
    return winners[0]


def test_the_last_seat_of_a_licence(contest: Contest) -> None:
    licence = contest.one("POST", "licences", {
        "customer": "acme", "product": contest.software, "name": "Editor", "metric": "install", "quantity": 3,
        "hard_limit": True})["id"]  # fmt: skip
    path = f"licences/{licence}/assignments"
    contest.one("POST", path, {"asset": contest.assets[0], "quantity": 2})
    for _ in range(ROUNDS):
        won = check(contest.all("POST", path, [{"asset": asset} for asset in contest.assets[1:]]), 409).json
        contest.one("POST", f"{path}/{won['id']}/release", {})
    shown = contest.one("GET", f"licences/{licence}")
    assert (shown["used"], shown["over_used"]) == (2, False)


def test_one_seat_for_one_user_of_it(contest: Contest) -> None:
    licence = contest.one("POST", "licences", {
        "customer": "acme", "product": contest.software, "name": "Editor", "metric": "install"})["id"]  # fmt: skip
    path = f"licences/{licence}/assignments"
    for asset in contest.assets[:ROUNDS]:
        check(contest.all("POST", path, [{"asset": asset}] * TOGETHER), 409)
    contest.house.open()
    assert visible(LicenceAssignment, contest.house.system).count() == ROUNDS
    contest.house.close()


def test_one_release(contest: Contest) -> None:
    licence = contest.one("POST", "licences", {
        "customer": "acme", "product": contest.software, "name": "Editor", "metric": "install"})["id"]  # fmt: skip
    path = f"licences/{licence}/assignments"
    for _ in range(ROUNDS):
        made = contest.one("POST", path, {"asset": contest.assets[0]})["id"]
        check(contest.all("POST", f"{path}/{made}/release", [{}] * TOGETHER), 409)


def test_one_account_manager(contest: Contest) -> None:
    """All may be told that they are; afterwards one is, and the history has neither gap nor overlap."""
    people: People = contest.people
    candidates = [person.user.id for person in (people.admin, people.engineer, people.account_manager, people.auditor)]
    path = "customers/acme/account-manager"
    for _ in range(ROUNDS):
        bodies = [{"user": candidates[n % len(candidates)]} for n in range(TOGETHER)]
        statuses = Counter(reply.status for reply in contest.all("PUT", path, bodies))
        assert statuses.keys() <= {200, 409} and statuses[200], statuses
        shown = contest.one("GET", path)["items"]
        assert [row["until"] for row in shown].count(None) == 1 and shown[-1]["until"] is None
        assert len(shown) > 1, "several were, one after the other"
        assert all(one["until"] == following["since"] for one, following in zip(shown, shown[1:], strict=False))


@pytest.mark.parametrize("field", ["tag", "serial"])
def test_one_asset_with_this_tag_or_serial_number(contest: Contest, field: str) -> None:
    for number in range(ROUNDS):
        body = {"customer": "acme", "product": contest.product, field: f"ONE-{number}"}
        check(contest.all("POST", "assets", [body] * TOGETHER), 409)


def test_one_change_of_one_version(contest: Contest) -> None:
    path = f"assets/{contest.assets[0]}"
    for version in range(1, ROUNDS + 1):
        bodies = [{"name": f"{version}.{n}"} for n in range(TOGETHER)]
        won = check(contest.all("PATCH", path, bodies, headers={"If-Match": f'"{version}"'}), 412).json
        assert contest.one("GET", path)["name"] == won["name"]


def test_one_user_with_this_address(contest: Contest) -> None:
    for number in range(ROUNDS):
        body = {"email": f"one{number}@example.com", "role": "reader", "customer": "acme"}
        check(contest.all("POST", "users", [body] * TOGETHER, token=contest.people.admin.token), 409)


def test_two_administrators_who_shut_each_other_out(contest: Contest) -> None:
    """However fast they are, one of them stays."""
    first, second = contest.people.admin, contest.second
    requests = [
        Request("POST", f"{V1}/users/{target.user.id}/deactivate", None, who.token)
        for who, target in [(first, second), (second, first)] * (TOGETHER // 2)
    ]
    for _ in range(ROUNDS):
        replies = at_once(contest.server.port, requests)
        expected = {200, 401, 404, 409, 412, 429}  # 429: tokens of whoever was shut out are counted like guesses
        assert {reply.status for reply in replies} <= expected, Counter(reply.status for reply in replies)
        contest.house.open()
        with db.transaction():
            left = db.run_sql(
                "SELECT u.id FROM app_user u JOIN membership m ON m.user_id = u.id WHERE m.role = 'admin' AND u.active"
            ).fetchall()
            assert len(left) == 1
            db.run_sql("UPDATE app_user SET active = true")
            db.run_sql("UPDATE token SET revoked_at = NULL")
        contest.house.close()


def test_an_import_is_carried_out_once(contest: Contest) -> None:
    made = contest.people.admin
    contest.house.open()
    from tests.two_companies import upload

    for number in range(2):
        form = upload("acme", f"name\nSite {number}\n", dry_run="true")
        session = made.request("POST", f"{V1}/imports", data=form).json["id"]
        contest.house.close()
        replies = contest.all("POST", f"imports/{session}/apply", [None] * TOGETHER, token=made.token)
        check(replies, 409)
        contest.house.open()
    contest.house.close()
    assert len(contest.one("GET", "sites?customer=acme")["items"]) == 2
