"""Machine users: tokens only, made by whoever answers for them, and no way to more rights."""

from typing import Any

import pytest

from registry.customers.service import customer_by
from registry.people.models import Membership, Token
from registry.people.service import deactivate_user
from tests.houses import House, People

USERS = "/api/v1/users"


def made(person: Any, role: str = "reader", slug: str | None = "acme", name: str = "robot") -> Any:
    body = {"kind": "machine", "email": f"{name}@{slug or 'operator'}.example", "role": role, "customer": slug}
    return person.post(USERS, body)


def ask(house: House, token: str, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    return house.client.open(f"/api/v1/{path}", method=method, headers=headers, **more)


@pytest.fixture
def robot(people: People) -> str:
    """The address of a reader's machine at acme."""
    answer = made(people.owner)
    assert answer.status_code == 201, answer.text
    assert answer.json["kind"] == "machine"
    return f"{USERS}/{answer.json['id']}"


def test_a_machine_has_tokens_and_nothing_else(house: House, people: People, robot: str) -> None:
    answer = people.owner.post(f"{robot}/tokens", {"name": "nightly", "days": 7})
    assert answer.status_code == 201
    token = answer.json["token"]
    assert ask(house, token, "GET", "assets").status_code == 200
    assert ask(house, token, "GET", "me").json["kind"] == "machine"
    assert ask(house, token, "POST", "sites", json={"name": "x"}).status_code == 403
    listed = people.owner.get(f"{robot}/tokens").json["items"]
    assert [item["name"] for item in listed] == ["nightly"] and token not in str(listed)
    gone = people.owner.delete(f"{robot}/tokens/{answer.json['id']}")
    assert gone.status_code == 200 and gone.json["revoked_at"]
    assert ask(house, token, "GET", "assets").status_code == 401


def test_a_password_is_refused_and_so_is_another_kind(people: People, robot: str) -> None:
    body = {"kind": "machine", "email": "x@acme.example", "role": "reader", "customer": "acme"}
    answer = people.owner.post(USERS, {**body, "password": "a long enough one"})
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["password"]
    assert people.owner.post(USERS, {**body, "kind": "robot"}).status_code == 422
    assert people.owner.patch(robot, {"kind": "person"}).status_code == 422
    assert [item["kind"] for item in people.owner.get(f"{USERS}?kind=machine").json["items"]] == ["machine"]


def test_a_persons_tokens_are_his_own_business(people: People) -> None:
    own = f"tokens/{_token(people.colleague)}"
    for method, path, body in (("GET", "tokens", None), ("POST", "tokens", {"name": "x"}), ("DELETE", own, None)):
        options = {"json": body} if body else {}
        answer = people.owner.request(method, f"{USERS}/{people.colleague.user.id}/{path}", **options)
        assert (answer.status_code, answer.json["code"]) == (409, "person"), path


def _token(person: Any) -> int:
    return int(Token.get(Token.user == person.user).id)


def test_only_who_may_change_the_machine_reaches_its_tokens(people: People, robot: str) -> None:
    kept = people.owner.post(f"{robot}/tokens", {"name": "kept"}).json["id"]
    tries = [("GET", "tokens", None), ("POST", "tokens", {"name": "x"}), ("DELETE", f"tokens/{kept}", None)]
    wanted = {"stranger": 404, "reader": 403, "colleague": 403, "auditor": 403, "engineer": 403}
    for who, status in wanted.items():
        for method, path, body in tries:
            options = {"json": body} if body else {}
            answer = getattr(people, who).request(method, f"{robot}/{path}", **options)
            assert answer.status_code == status, f"{who} {method} {path}"
    assert people.admin.get(f"{robot}/tokens").status_code == 200


def test_a_token_of_another_machine_or_of_ones_own_is_not_found_under_it(people: People, robot: str) -> None:
    other = f"{USERS}/{made(people.owner, name='other').json['id']}"
    foreign = people.owner.post(f"{other}/tokens", {"name": "x"}).json["id"]
    for token_id in (foreign, _token(people.owner), 4711, 2**62):
        assert people.owner.delete(f"{robot}/tokens/{token_id}").status_code == 404
    assert Token.get_by_id(foreign).revoked_at is None


def test_the_owner_comes_from_the_address_never_from_the_body(people: People, robot: str) -> None:
    for field in ("user", "user_id", "owner", "owner_id", "machine_id"):
        answer = people.owner.post(f"{robot}/tokens", {"name": "x", field: people.admin.user.id})
        assert answer.status_code == 422 and field in answer.json["errors"]


def test_nobody_makes_a_machine_or_a_token_above_himself(house: House, people: People, robot: str) -> None:
    assert made(people.owner, "admin", None).status_code == 403
    assert made(people.owner, "reader", "globex").status_code == 422
    assert made(people.colleague).status_code == 403
    operators = made(people.admin, "engineer", None, "ops").json["id"]
    for person in (people.owner, people.engineer):
        assert person.post(f"{USERS}/{operators}/tokens", {"name": "x"}).status_code in (403, 404)
    both = int(robot.rpartition("/")[2])
    globex = customer_by(house.system, "globex").id
    Membership.create(user=both, customer_id=globex, role="manager")
    assert people.owner.post(f"{robot}/tokens", {"name": "x"}).status_code in (403, 404), "it belongs to another too"
    assert people.owner.get(f"{robot}/tokens").status_code in (403, 404)


def test_a_narrow_token_makes_no_wider_one(house: House, people: People, robot: str) -> None:
    def narrow(*scope: str) -> str:
        return str(people.owner.post("/api/v1/tokens", {"name": "n", "scope": list(scope), "days": 2}).json["token"])

    path = robot.removeprefix("/api/v1/")
    for scope in (["read"], ["user.edit"], ["user.edit", "user.view"]):
        answer = ask(house, narrow(*scope), "POST", f"{path}/tokens", json={"name": "x"})
        assert answer.status_code in (403, 404), f"{scope} is less than the machine may"
    mine = people.owner.get("/api/v1/me").json["permissions"]["acme"]
    wide = narrow(*mine)
    assert ask(house, wide, "POST", f"{path}/tokens", json={"name": "x"}).status_code == 422, "no scope is all there is"
    answer = ask(house, wide, "POST", f"{path}/tokens", json={"name": "x", "scope": ["asset.view"], "days": 900})
    assert answer.status_code == 201
    longest = Token.get(Token.name == "n", Token.scope == mine).expires_at
    assert Token.get_by_id(answer.json["id"]).expires_at <= longest


def test_a_shut_machine_is_shut(house: House, people: People, robot: str) -> None:
    token = people.owner.post(f"{robot}/tokens", {"name": "x"}).json["token"]
    deactivate_user(people.owner.actor, int(robot.rpartition("/")[2]))
    assert ask(house, token, "GET", "me").status_code == 401
    answer = people.owner.post(f"{robot}/tokens", {"name": "x"})
    assert (answer.status_code, answer.json["code"]) == (409, "deactivated")


def test_a_machine_is_no_account_manager(people: People) -> None:
    ops = made(people.admin, "account_manager", None, "ops").json["id"]
    answer = people.admin.put("/api/v1/customers/acme/account-manager", {"user": ops})
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["user"]


def test_ones_own_tokens_need_no_right_at_all(house: House, people: People) -> None:
    bare = people.reader.post("/api/v1/tokens", {"name": "bare", "scope": []}).json["token"]
    answer = ask(house, bare, "GET", "tokens")
    assert answer.status_code == 200 and len(answer.json["items"]) == 2
    lost = house.person("lost@x.example", "reader", "acme")
    Membership.delete().where(Membership.user == lost.user).execute()
    assert lost.get("/api/v1/tokens").status_code == 200
