"""The ladder for every view: owner, colleague, reader, stranger, the operator, nobody; bad id, wrong method."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.houses import House, People

API = "/api/v1"


@dataclass(frozen=True)
class View:
    """One view and what everybody gets from it. In texts of path and body, {who} is replaced by the person's name."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    owner: int = 200
    colleague: int = 200
    reader: int = 200
    stranger: int = 404
    engineer: int = 200
    bad_id: str | None = None  # the same path with an id that does not exist
    wrong_method: str | None = "PATCH"
    more: Mapping[str, int] = field(default_factory=dict)  # other people: auditor, admin, account_manager

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def climb(house: House, people: People, views: Iterable[View]) -> None:
    """Every view in one installation, in order; what differs from what the view says."""
    wrong = [found for view in views for found in _climb(house, people, view)]
    assert not wrong, "\n".join(wrong)


def _climb(house: House, people: People, view: View) -> Iterator[str]:
    """Ask as everybody. Those who may least come first, so that they meet everything unchanged."""
    wanted = {
        "stranger": view.stranger,
        "reader": view.reader,
        "colleague": view.colleague,
        "engineer": view.engineer,
        **view.more,
        "owner": view.owner,
    }
    nobody = house.client.open(API + filled(view.path, "nobody"), method=view.method, json=view.body)
    got = {"nobody": nobody.status_code}
    for who in wanted:
        got[who] = asked(getattr(people, who), view, view.path, who)
    wanted["nobody"] = 401
    if view.bad_id:
        got["bad id"], wanted["bad id"] = asked(people.admin, view, view.bad_id, "admin"), 404
    if view.wrong_method:
        answer = people.admin.request(view.wrong_method, API + filled(view.path, "admin"), json={})
        got["wrong method"], wanted["wrong method"] = answer.status_code, 405
        if view.method not in answer.headers.get("Allow", ""):
            yield f"{view}: Allow says {answer.headers.get('Allow')}"
    yield from (f"{view} as {who}: {got[who]}, not {code}" for who, code in wanted.items() if got[who] != code)


def asked(person: Any, view: View, path: str, who: str) -> int:
    options: dict[str, Any] = {"headers": {"If-Match": "*"}}
    if view.body is not None:
        options["json"] = filled(view.body, who)
    answer = person.request(view.method, API + filled(path, who), **options)
    if answer.status_code >= 400:
        assert set(answer.json) == {"code", "message", "errors", "request_id"}
        assert "acme" not in answer.json["message"]
    return int(answer.status_code)


def filled(value: Any, who: str) -> Any:
    if isinstance(value, str):
        return value.replace("{who}", who.replace("_", "-"))
    if isinstance(value, Mapping):
        return {key: filled(item, who) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, who) for item in value]
    return value


HOSTILE: dict[str, Any] = {
    "null": None,
    "true": True,
    "number": 1e400,
    "not a number": float("nan"),
    "huge": 10**40,
    "negative": -(2**70),
    "surrogate": "a\ud800b",
    "nul": "a\x00b",
    "newline": "a\nb",
    "long": "x" * 30_000,
    "empty": "",
    "list": [[]],
    "object": {"a": {"b": ["\x00"]}},
    "deep": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}},
    "not a number inside": {"a": [float("nan")]},
    "infinite inside": {"a": float("-inf")},
    "surrogate key": {"\udfff": 1},
}
"""Values that a field gets from people who mean harm, or from broken programs."""

BODIES = {
    "not json": b"{",
    "latin-1": '{"name": "Zürich"}'.encode("latin-1"),
    "list": b"[]",
    "text": b'"x"',
    "null": b"null",
    "number": b"1",
    "empty": b"",
    "many digits": b'{"name": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 50_000,
    "deep object": b'{"name":' * 20_000 + b"1" + b"}" * 20_000,
    "twice": b'{"name": "a", "name": "b"}',
}


def attack(person: Any, method: str, path: str, good: Mapping[str, Any], fields: Any) -> list[str]:
    """Put every hostile value into every field; answer what was not refused or accepted in good order."""
    bad = []
    headers = {"If-Match": "*"}
    for name in fields:
        for label, value in HOSTILE.items():
            answer = person.request(method, API + path, json={**good, name: value}, headers=headers)
            if answer.status_code >= 500 or (answer.status_code == 422 and not answer.json["errors"]):
                bad.append(f"{method} {path} {name}={label}: {answer.status_code} {answer.json}")
    return bad


def attack_bodies(person: Any, method: str, path: str) -> list[str]:
    """Send what is no JSON object at all."""
    bad = []
    headers = {"If-Match": "*"}
    for label, data in BODIES.items():
        answer = person.request(method, API + path, data=data, content_type="application/json", headers=headers)
        if answer.status_code >= 500 or answer.status_code == 201:
            bad.append(f"body {label}: {answer.status_code}")
    return bad
