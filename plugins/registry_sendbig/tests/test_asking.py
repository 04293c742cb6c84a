"""File requests: somebody without an account sends files to the customer."""

from typing import Any

import pytest

from registry.sdk import ANY_VERSION, Conflict, Forbidden, Invalid, Limit, NotFound
from registry_sendbig.models import Request, Transfer
from registry_sendbig.requests import letterbox
from registry_sendbig.requests import service as asking
from registry_sendbig.tests.post import Post
from registry_sendbig.transfers import ending
from registry_sendbig.transfers import service as transfers
from registry_sendbig.uploads.problems import TooMuch


def ask(post: Post, **values: Any) -> Request:
    given = {"title": "Log files", "email": "joe@third.example", **values}
    return asking.create(post.people.member.actor, post.acme, given)


def secret_of(post: Post, asked: Request) -> str:
    return asking.link_of(post.people.member.actor, asked.id).rpartition("/")[2]


def cookies_of(client: Any) -> dict[str, str]:
    return {one.key: one.value for one in client._cookies.values()}


def came(post: Post, asked: Request) -> list[Transfer]:
    ids = asking.told(post.people.member.actor, asked)["transfers"]
    return [transfers.get(post.people.member.actor, one) for one in sorted(ids)]


def test_from_asking_to_having(post: Post) -> None:
    asked = ask(post, message="Please")
    [letter] = post.letters()
    secret = secret_of(post, asked)
    assert (letter.name, letter.to) == ("sendbig.request", "joe@third.example")
    assert f"/x/sendbig/r/{secret}" in letter.body
    client = post.installation.app.test_client()
    begun = client.post(f"/x/sendbig/r/{secret}/visit", data={"name": "Joe", "email": "joe@third.example"})
    assert begun.status_code == 303
    found = asking.by_secret(secret, None)
    incoming = asking.incoming(found, cookies_of(client))
    assert (incoming.made_by, incoming.request_id) == ("Joe", asked.id)
    transfers.may_add(incoming, 10)
    post.file(incoming, name="log.txt")
    post.file(incoming, name="virus.exe", state="refused", refusal="infected", blob=None)
    offer = asking.offered(found, cookies_of(client))
    assert [(one["name"], one["state"]) for one in offer["visit"]["files"]] == [
        ("log.txt", "kept"), ("virus.exe", "refused"),
    ]  # fmt: skip
    assert client.post(f"/x/sendbig/r/{secret}/finished").location.endswith("?sent=1")
    [told] = post.letters("fulfilled")
    assert told.to == "bob@acme.example"
    assert "Joe <joe@third.example>" in told.body
    assert "log.txt" in told.body
    assert "virus.exe" not in told.body
    [transfer] = came(post, asked)
    assert transfer.state == "open"
    file = next(one for one in post.files(transfer) if one.state == "kept")
    assert post.people.reader.get(f"/c/acme/x/sendbig/flow/files/{file.id}").data == b"0123456789"
    assert post.people.stranger.get(f"/c/acme/x/sendbig/flow/files/{file.id}").status_code == 404
    row = next(row for row in post.chain("sendbig.visit_begun"))
    assert (row.actor_kind, row.actor_name) == ("link", "Joe")


def test_two_visitors_do_not_see_each_other(post: Post) -> None:
    asked = ask(post)
    path = f"/x/sendbig/r/{secret_of(post, asked)}/visit"
    one, other = post.installation.app.test_client(), post.installation.app.test_client()
    one.post(path, data={"name": "One"})
    other.post(path, data={"name": "Other"})
    post.file(asking.incoming(asked, cookies_of(one)), name="one.txt")
    assert asking.offered(asked, cookies_of(other))["visit"]["files"] == []
    assert asking.offered(asked, {})["visit"] is None
    forged = {name: f"{int(value.partition('.')[0]) - 1}.{value.partition('.')[2]}" for name, value in
              cookies_of(other).items()}  # fmt: skip
    assert asking.offered(asked, forged)["visit"] is None


@pytest.mark.parametrize("address", ["http://care.example", "https://care.example"])
def test_the_cookie_stays_with_this_link_and_goes_over_https_where_we_do(
    post: Post, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Behind a proxy the request itself may have come by http."""
    path = f"/x/sendbig/r/{secret_of(post, ask(post))}/visit"
    monkeypatch.setattr(letterbox, "link", lambda end: address + end)
    cookie = post.installation.app.test_client().post(path, data={"name": "One"}).headers["Set-Cookie"]
    assert ("Secure" in cookie) == address.startswith("https")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/x/sendbig" in cookie


def test_a_link_that_leaks_does_not_flood_whoever_asked(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """From however many networks it is used; another link works as ever."""
    monkeypatch.setattr(letterbox, "VISITS_BY_A_LINK", Limit(3, 3600))
    secret, client = secret_of(post, ask(post)), post.installation.app.test_client()
    path, who = f"/x/sendbig/r/{secret}/visit", {"name": "Joe"}
    networks = [{"REMOTE_ADDR": f"203.0.{number}.9"} for number in range(3)]
    answers = [client.post(path, data=who, environ_overrides=each) for each in networks]
    assert [one.status_code for one in answers] == [303, 303, 429]
    again = client.post(f"/x/sendbig/r/{secret_of(post, ask(post))}/visit", data={"name": "Joe"})
    assert again.status_code == 303


def test_another_request_does_not_take_the_visit(post: Post) -> None:
    one, other = ask(post), ask(post)
    client = post.installation.app.test_client()
    client.post(f"/x/sendbig/r/{secret_of(post, one)}/visit", data={"name": "One"})
    assert asking.offered(other, cookies_of(client))["visit"] is None


def test_programs_need_no_cookie(post: Post) -> None:
    asked = ask(post)
    made = asking.incoming(asked, {})
    assert asking.incoming(asked, {}).id == made.id
    assert made.made_by == "joe@third.example"


def test_what_comes_after_the_end_of_a_visit_is_another_transfer(post: Post) -> None:
    asked = ask(post)
    made, cookie = asking.begin(asked, {"name": "Joe", "email": "joe@third.example"})
    post.file(made)
    asking.finish(asked, {cookie.name: cookie.value})
    more = asking.incoming(asked, {cookie.name: cookie.value})
    assert (more.id != made.id, more.made_by, more.state) == (True, "Joe", "draft")
    assert asking.incoming(asked, {cookie.name: cookie.value}).id == more.id
    with pytest.raises(Conflict):
        transfers.may_add(post.fresh(made), 1)


def test_its_limits(post: Post) -> None:
    asked = ask(post, most_bytes=15, most_files=2)
    made = asking.incoming(asked, {})
    transfers.may_add(made, 15)
    with pytest.raises(TooMuch, match="takes"):
        transfers.may_add(made, 16)
    post.file(made)
    with pytest.raises(TooMuch):
        transfers.may_add(made, 6)
    post.file(made, b"1", state="refused", blob=None)
    transfers.may_add(made, 5)
    post.file(made, b"12345")
    with pytest.raises(TooMuch, match="no more files"):
        transfers.may_add(made, 0)


def test_closed_and_expired_take_nothing(post: Post) -> None:
    asked, other = ask(post, expires_in_days=2), ask(post)
    made = asking.incoming(asked, {})
    asking.extend(post.people.member.actor, asked.id, {"expires_in_days": 3}, ANY_VERSION)
    with post.later(days=2, hours=1):
        transfers.may_add(made, 1)
    with post.later(days=3, hours=1), pytest.raises(Conflict):
        transfers.may_add(made, 1)
    asking.close(post.people.manager.actor, other.id)
    with pytest.raises(Conflict):
        asking.incoming(post.fresh(other), {})
    told = asking.offered(asking.get(post.people.member.actor, other.id), {})
    assert (told["state"], told["title"]) == ("closed", "")
    with pytest.raises(Conflict):
        asking.close(post.people.member.actor, other.id)


def test_its_password(post: Post) -> None:
    asked = ask(post, password="correct horse battery")
    path = f"/x/sendbig/r/{secret_of(post, asked)}"
    client = post.installation.app.test_client()
    assert asking.offered(asked, {})["title"] == ""
    assert client.post(f"{path}/visit", data={"name": "Joe"}).status_code == 404
    with pytest.raises(NotFound):
        asking.incoming(asked, {})
    assert "wrong=1" in client.post(f"{path}/password", data={"password": "no"}).location
    client.post(f"{path}/password", data={"password": "correct horse battery"})
    assert client.post(f"{path}/visit", data={"name": "Joe"}).status_code == 303
    assert asking.offered(asked, cookies_of(client))["title"] == "Log files"


def test_who_is_nobody_is_asked_again(post: Post) -> None:
    path = f"/x/sendbig/r/{secret_of(post, ask(post))}/visit"
    client = post.installation.app.test_client()
    assert "missing=name" in client.post(path).location
    assert "missing=email" in client.post(path, data={"name": "Joe", "email": "nonsense"}).location
    long = client.post(path, data={"name": "J" * 999 + "\x00\ud800".encode(errors="replace").decode()})
    assert long.status_code == 303


def test_whoever_closes_the_page_without_a_word_has_sent_it_all_the_same(post: Post) -> None:
    asked = ask(post)
    made = asking.incoming(asked, {})
    post.file(made)
    assert ending.tend() == 0
    late = post.file(made, state="receiving")
    with post.later(hours=2):
        assert ending.tend() == 0, "more is on its way"
        transfers.remove_file(post.people.manager.actor, late.id)
        assert ending.tend() == 1
    assert post.letters("fulfilled")
    empty = asking.incoming(asked, {})
    with post.later(days=8):
        ending.tend()
    assert post.fresh(empty).end_reason == "abandoned"


def test_who_may_ask(post: Post) -> None:
    asked = ask(post)
    for who, refusal in ((post.people.reader, Forbidden), (post.people.stranger, NotFound)):
        with pytest.raises(refusal):
            asking.create(who.actor, post.acme, {"title": "x"})
        with pytest.raises(refusal):
            asking.close(who.actor, asked.id)
        with pytest.raises(refusal):
            asking.link_of(who.actor, asked.id)
    with pytest.raises(Invalid):
        ask(post, title=" ")
