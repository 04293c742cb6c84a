"""API tokens: shown once, kept as a hash, narrowed by scope, ended at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid
from registry.kernel.secrets import hash_token
from registry.people.models import Token
from registry.people.roles import ROLES
from registry.people.tokens import create_token, expand_scope
from tests.houses import House, People, Person

URL = "/api/v1/tokens"
START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def made(person: Person, **values: Any) -> Any:
    answer = person.post(URL, {"name": "for a script", **values})
    assert answer.status_code == 201, answer.text
    return answer.json


def using(token: str, person: Person, method: str, path: str, **more: Any) -> Any:
    return person.request(method, path, headers={"Authorization": f"Bearer {token}", "If-Match": "*"}, **more)


def works(token: str, person: Person) -> bool:
    return bool(using(token, person, "GET", "/api/v1/me").status_code == 200)


def test_a_token_is_shown_once_and_kept_as_a_hash(people: People) -> None:
    token = made(people.owner)
    secret = token["token"]
    row = Token.get_by_id(token["id"])
    assert row.hash == hash_token(secret) and len(secret) >= 43
    assert secret not in str(row.__data__) and secret.startswith(token["prefix"])
    assert len(token["prefix"]) == 6, "six characters to recognise it by"
    for answer in (
        people.owner.get(URL),
        people.owner.get(f"{URL}?name=for a script"),
        people.owner.get("/api/v1/audit"),
    ):
        assert answer.status_code == 200
        assert secret not in answer.text and row.hash not in answer.text
    assert [item["name"] for item in people.owner.get(URL).json["items"]] == ["test", "for a script"]
    assert works(secret, people.owner)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic YTpi",
        "bearer\tx",
        "Token {}",
        "Bearer {}x",
        "{}",
        "Bearer é",
        "Bearer {} {}",
    ],
)
def test_anything_else_is_no_token(people: People, header: str) -> None:
    headers = {"Authorization": header.format(people.owner.token, people.owner.token)}
    answer = people.owner.house.client.get("/api/v1/me", headers=headers)
    assert answer.status_code == 401 and answer.json["code"] == "unauthenticated"


def test_the_scheme_has_no_case(people: People) -> None:
    client = people.owner.house.client
    assert client.get("/api/v1/me", headers={"Authorization": f"bEARER {people.owner.token}"}).status_code == 200


def test_scope_narrows_and_never_widens(people: People) -> None:
    read = made(people.owner, scope=["read"])["token"]
    assert using(read, people.owner, "GET", "/api/v1/assets").status_code == 200
    assert using(read, people.owner, "GET", "/api/v1/exports/assets.csv").get_data()
    assert using(read, people.owner, "POST", "/api/v1/sites", json={"name": "HQ"}).status_code == 403
    sites = made(people.owner, scope=["customer.view", "customer.contacts"])["token"]
    assert using(sites, people.owner, "POST", "/api/v1/sites", json={"name": "HQ"}).status_code == 201
    assert using(sites, people.owner, "GET", "/api/v1/assets").status_code == 403
    bold = made(people.reader, scope=["asset.edit", "user.edit", "customer.edit"])["token"]
    held = using(bold, people.reader, "GET", "/api/v1/me").json["permissions"]
    assert held == {"acme": []}, "a scope gives nothing that its owner lacks"
    empty = made(people.owner, scope=[])["token"]
    assert using(empty, people.owner, "GET", "/api/v1/me").json["permissions"] == {"acme": []}


def test_read_stands_for_every_right_to_look() -> None:
    read = expand_scope(["read"])
    assert {"asset.view", "customer.view", "audit.view", "export.run"} <= read
    assert (
        not any(name.endswith((".edit", ".key", ".record", ".contacts")) for name in read) and "import.run" not in read
    )
    assert expand_scope([]) == set()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"scope": ["root"]}, "scope"), ({"scope": "read"}, "scope"), ({"scope": [1]}, "scope"),
        ({"scope": ["\u0000"]}, "scope"),
        ({"days": 0}, "days"), ({"days": 3651}, "days"), ({"days": "7"}, "days"), ({"days": 1.5}, "days"),
        ({"days": None}, "days"),
        ({"name": ""}, "name"), ({"name": "x" * 101}, "name"), ({"user": 1}, "user"), ({"user_id": 1}, "user_id"),
        ({"expires_at": "2999-01-01"}, "expires_at"), ({"hash": "x"}, "hash"),
    ],
)  # fmt: skip
def test_bad_wishes_name_their_field(people: People, values: dict[str, Any], field: str) -> None:
    answer = people.owner.post(URL, {"name": "x", **values})
    assert answer.status_code == 422 and field in answer.json["errors"], answer.text


def test_it_ends_on_its_day(people: People) -> None:
    with clock.frozen(START):
        token = made(people.owner, days=7)
    assert token["expires_at"] == "2026-05-08T09:00:00Z"
    for at, alive in ((START + timedelta(days=7, seconds=-1), True), (START + timedelta(days=7), False)):
        with clock.frozen(at):
            assert works(token["token"], people.owner) is alive
    with clock.frozen(START):
        assert made(people.owner)["expires_at"] == "2026-07-30T09:00:00Z", "90 days unless asked"


def test_the_last_use_is_kept_to_the_minute(people: People) -> None:
    with clock.frozen(START):
        token = made(people.owner)
        assert token["last_used_at"] is None
        works(token["token"], people.owner)
    with clock.frozen(START + timedelta(seconds=30)):
        works(token["token"], people.owner)
    assert seen(token, people) == ("2026-05-01T09:00:00Z", "127.0.0.1"), "no write for every request"
    with clock.frozen(START + timedelta(minutes=2)):
        works(token["token"], people.owner)
    assert seen(token, people) == ("2026-05-01T09:02:00Z", "127.0.0.1")


def seen(token: Any, people: People) -> tuple[str, str]:
    item = next(item for item in people.owner.get(URL).json["items"] if item["id"] == token["id"])
    return item["last_used_at"], item["last_used_address"]


def test_revoked_means_at_once_and_stays_in_the_list(people: People) -> None:
    token = made(people.owner)
    assert works(token["token"], people.owner)
    gone = people.owner.delete(f"{URL}/{token['id']}")
    assert gone.status_code == 200 and gone.json["revoked_at"]
    assert not works(token["token"], people.owner)
    again = people.owner.delete(f"{URL}/{token['id']}")
    assert (again.status_code, again.json["revoked_at"]) == (200, gone.json["revoked_at"]), "once is enough"
    assert len([item for item in people.owner.get(URL).json["items"] if item["revoked_at"]]) == 1


def test_other_peoples_tokens_are_not_there(people: People) -> None:
    token = made(people.owner)
    for other in (people.colleague, people.stranger, people.admin):
        assert token["id"] not in [item["id"] for item in other.get(URL).json["items"]]
        assert other.delete(f"{URL}/{token['id']}").status_code == 404
    assert works(token["token"], people.owner)
    assert people.owner.delete(f"{URL}/{2**62}").status_code == people.owner.delete(f"{URL}/{2**70}").status_code == 404


def test_a_token_makes_and_ends_none_broader_than_itself(people: People) -> None:
    owner = people.owner
    narrow = made(owner, scope=["asset.view", "licence.view"], days=10)["token"]
    full = made(owner, days=10)
    for scope in (None, ["read"], ["asset.view", "asset.edit"]):
        answer = using(narrow, owner, "POST", URL, json={"name": "more", "scope": scope})
        assert answer.status_code == 422 and list(answer.json["errors"]) == ["scope"], answer.text
    less = using(narrow, owner, "POST", URL, json={"name": "less", "scope": ["asset.view"], "days": 3650})
    assert less.status_code == 201
    assert less.json["expires_at"] <= (clock.now() + timedelta(days=10)).isoformat(), "nor one that lives longer"
    assert using(full["token"], owner, "POST", URL, json={"name": "same"}).status_code == 201
    assert using(narrow, owner, "DELETE", f"{URL}/{full['id']}").status_code == 403
    assert works(full["token"], owner)
    assert using(narrow, owner, "DELETE", f"{URL}/{less.json['id']}").status_code == 200
    own = next(item["id"] for item in owner.get(URL).json["items"] if item["scope"] == ["asset.view", "licence.view"])
    assert using(narrow, owner, "DELETE", f"{URL}/{own}").status_code == 200, "itself it may end"
    assert not works(narrow, owner)


def test_what_was_made_with_a_token_ends_with_it(people: People) -> None:
    """Whoever has stolen one may have made himself another, and another with that."""
    owner = people.owner
    stolen, beside = made(owner), made(owner)["token"]
    child = using(stolen["token"], owner, "POST", URL, json={"name": "child"}).json["token"]
    grandchild = using(child, owner, "POST", URL, json={"name": "grandchild", "scope": ["read"]}).json["token"]
    assert works(child, owner) and works(grandchild, owner)
    assert owner.delete(f"{URL}/{stolen['id']}").status_code == 200
    assert not any(works(token, owner) for token in (stolen["token"], child, grandchild))
    assert works(beside, owner), "what was made beside it stays"
    ended = AuditEntry.select().where(AuditEntry.action == "token.revoked").count()
    assert ended == 3, "each is on record"


def test_a_token_follows_its_owners_role(people: People) -> None:
    token = made(people.colleague)["token"]
    assert using(token, people.colleague, "GET", "/api/v1/users").status_code == 403
    people.owner.put(f"/api/v1/users/{people.colleague.user.id}/role", {"role": "manager", "customer": "acme"})
    assert using(token, people.colleague, "GET", "/api/v1/users").status_code == 200
    people.owner.put(f"/api/v1/users/{people.colleague.user.id}/role", {"role": "reader", "customer": "acme"})
    assert using(token, people.colleague, "POST", "/api/v1/sites", json={"name": "x"}).status_code == 403


def test_every_role_may_have_tokens(house: House) -> None:
    house.customer("acme")
    for role in ROLES.values():
        person = house.person(f"{role.name}@x.example", role.name, None if role.operator else "acme")
        token = made(person, scope=["user.view"])
        assert person.get(URL).status_code == 200
        assert person.delete(f"{URL}/{token['id']}").status_code == 200


def test_only_somebody_who_signs_in_has_tokens(house: House) -> None:
    house.customer("acme")
    user = house.person("a@x.example", "reader", "acme").user
    with pytest.raises(Invalid):
        create_token(Actor.system(), user, name="x", scope=None, days=0)
    token, secret = create_token(Actor.system(), user, name="x", scope=["read"], days=1)
    assert token.user_id == user.id and secret
