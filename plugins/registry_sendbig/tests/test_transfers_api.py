"""The JSON routes of transfers and file requests, and who gets what from them."""

from typing import Any

import pytest

from registry.testing import Person
from registry_sendbig.tests.post import Post
from registry_sendbig.transfers import sharing

BASE = "/api/v1/x/sendbig"


def call(who: Person, method: str, path: str, version: int | None = None, **body: Any) -> Any:
    headers = {"X-CSRF-Token": who._csrf, **({"If-Match": f'"{version}"'} if version is not None else {})}
    sent = {"json": body} if method in ("POST", "PATCH") else {}
    return who.request(method, BASE + path, headers=headers, **sent)


def test_a_transfer_from_end_to_end(post: Post) -> None:
    who = post.people.member
    made = call(who, "POST", "/transfers", customer="acme", title="Image", recipients=[{"email": "ann@third.example"}],
                most_downloads=2, password="correct horse battery")  # fmt: skip
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert (told["state"], told["has_password"], made.headers["ETag"]) == ("draft", True, '"1"')
    path = f"/transfers/{told['id']}"
    assert made.headers["Location"] == f"{BASE}{path}"
    assert "password" not in made.text.replace("has_password", "")
    changed = call(who, "PATCH", path, 1, title="Disk image", password="", expires_in_days=3)
    assert (changed.get_json()["title"], changed.get_json()["has_password"]) == ("Disk image", False)
    assert call(who, "PATCH", path, title="x").status_code == 428
    assert call(who, "PATCH", path, 1, title="x").status_code == 412
    assert call(who, "POST", f"{path}/sending", 2).get_json()["code"] == "no_files"
    row = post.fresh(next(iter(post.to(_transfer(post)))))
    file = post.file(_transfer(post))
    assert call(who, "POST", f"{path}/sending", 2).get_json()["state"] == "open"
    told = call(who, "GET", path).get_json()
    assert told["files"][0]["sha256"] == file.blob.sha256
    assert (
        call(who, "POST", f"{path}/recipients", email="joe@third.example").get_json()["recipients"][1]["kind"]
        == "third"
    )
    assert post.get(post.path(_transfer(post))).status_code == 200
    assert call(who, "GET", path).get_json()["downloads"][0]["who"] == "ann@third.example"
    gone = call(who, "DELETE", f"/recipients/{row.id}", post.fresh(row).version)
    assert gone.get_json()["recipients"][0]["revoked_at"]
    link = call(who, "GET", f"/recipients/{row.id}/link").get_json()["link"]
    assert link.endswith(post.secret(row))
    version = told["version"]
    version = call(who, "POST", f"{path}/extension", version, expires_in_days=9).get_json()["version"]
    assert call(who, "POST", f"{path}/revocation", version).get_json()["end_reason"] == "revoked"
    [listed] = call(who, "GET", "/transfers?customer=acme&state=ended").get_json()["items"]
    assert listed["title"] == "Disk image"


def _transfer(post: Post) -> Any:
    from registry.kernel.access import visible
    from registry_sendbig.models import Transfer

    return visible(Transfer, post.system).first()


def test_drafts_and_their_files_are_thrown_away(post: Post) -> None:
    made = post.draft()
    file = post.file(made)
    assert call(post.people.member, "DELETE", f"/files/{file.id}", 1).status_code == 204
    assert not post.files(made)
    assert call(post.people.member, "DELETE", f"/transfers/{made.id}", 1).status_code == 204
    assert post.fresh(made).end_reason == "abandoned"


def test_file_requests(post: Post) -> None:
    who = post.people.member
    made = call(who, "POST", "/file-requests", customer="acme", title="Logs", email="joe@third.example", most_files=3)
    assert made.status_code == 201, made.text
    path = f"/file-requests/{made.get_json()['id']}"
    assert (made.get_json()["state"], made.get_json()["files_left"]) == ("open", 3)
    assert "/x/sendbig/r/" in call(who, "GET", f"{path}/link").get_json()["link"]
    assert call(who, "POST", f"{path}/extension", 1, expires_in_days=9).status_code == 200
    assert call(who, "POST", f"{path}/closing", 2).get_json()["state"] == "closed"
    assert [one["id"] for one in call(who, "GET", "/file-requests?state=closed").get_json()["items"]]
    assert not call(who, "GET", "/file-requests?state=open").get_json()["items"]


ROUTES = [
    ("GET", "/transfers/{transfer}"), ("PATCH", "/transfers/{transfer}"), ("DELETE", "/transfers/{transfer}"),
    ("POST", "/transfers/{transfer}/sending"), ("POST", "/transfers/{transfer}/extension"),
    ("POST", "/transfers/{transfer}/revocation"), ("POST", "/transfers/{transfer}/recipients"),
    ("DELETE", "/recipients/{recipient}"), ("GET", "/recipients/{recipient}/link"), ("DELETE", "/files/{file}"),
    ("GET", "/file-requests/{request}"), ("GET", "/file-requests/{request}/link"),
    ("POST", "/file-requests/{request}/extension"), ("POST", "/file-requests/{request}/closing"),
]  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {"extension": {"expires_in_days": 5}, "recipients": {"email": "x@y.example"}}


def test_a_stranger_finds_nothing_and_a_reader_changes_nothing(post: Post) -> None:
    from registry_sendbig.requests import service as asking

    made = post.draft()
    asked = asking.create(post.people.member.actor, post.acme, {"title": "Logs"})
    ids = {"transfer": made.id, "recipient": post.to(made)[0].id, "file": post.file(made).id, "request": asked.id}
    for method, route in ROUTES:
        path, body = route.format(**ids), BODIES.get(route.rpartition("/")[2], {})
        stranger = call(post.people.stranger, method, path, 1, **body)
        assert stranger.status_code == 404, f"{method} {route}: {stranger.text}"
        reader = call(post.people.reader, method, path, 1, **body)
        expected = 200 if method == "GET" and not route.endswith("/link") else 403
        assert reader.status_code == expected, f"{method} {route}: {reader.text}"
        nobody = post.installation.app.test_client().open(BASE + path, method=method)
        assert nobody.status_code == 401, f"{method} {route}"
    assert call(post.people.stranger, "GET", "/transfers").get_json()["items"] == []
    for path in ("/transfers", "/file-requests"):
        assert call(post.people.stranger, "POST", path, customer="acme", title="x").status_code in (404, 422)
        assert call(post.people.reader, "POST", path, customer="acme", title="x").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x", "price": 5}, {"title": "\x00"}, {"title": "x", "expires_in_days": 10**30},
        {"title": "x", "recipients": [{"email": "a@b\u0000.example"}]}, {"title": "x", "most_downloads": 0},
        {"title": "x", "recipients": [{"email": "a" * 64 + "@" + "b" * 190}]},
        {"title": "x", "password": "\ud800"},
    ],
)  # fmt: skip
def test_strange_input_is_an_error_of_the_caller(post: Post, body: dict[str, Any]) -> None:
    answer = call(post.people.member, "POST", "/transfers", customer="acme", **body)
    assert 400 <= answer.status_code < 500 or answer.status_code == 201, answer.text


def test_a_link_shows_what_there_is(post: Post) -> None:
    from registry_sendbig.transfers import recipients

    made = post.sent(password="correct horse battery", most_downloads=3)
    found = recipients.by_secret(post.secret(post.to(made)[0]), None)
    closed = sharing.offered(found, {})
    assert (closed["needs_password"], closed["title"], closed["files"], closed["message"]) == (True, "", [], "")
    made.update(password_hash="").where(type(made).id == made.id).execute()
    post.get(post.path(made))
    found = recipients.by_secret(post.secret(post.to(made)[0]), None)
    shown = sharing.offered(found, {})
    assert (shown["title"], shown["size"], shown["state"]) == ("Disk image", 10, "open")
    assert [(one["name"], one["left"], one["scan"], one["preview"]) for one in shown["files"]] == [
        ("image.bin", 2, "clean", "")
    ]
