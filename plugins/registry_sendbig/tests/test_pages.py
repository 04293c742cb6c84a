"""The pages: as a customer who sends and asks, as the operator, and as whoever has nothing but a link."""

import re
from dataclasses import replace
from typing import Any

import pytest

from registry.testing import Person
from registry_sendbig.downloads import counting
from registry_sendbig.models import Download, Transfer
from registry_sendbig.requests import service as asking
from registry_sendbig.tests.post import PNG, Post, sha256
from registry_sendbig.transfers import reach, views
from registry_sendbig.transfers import service as transfers

HERE = "/c/acme/x/sendbig"


def page_of(transfer: Transfer) -> str:
    return f"{HERE}/transfers/{transfer.id}"


def press(post: Post, who: Person, path: str, transfer: Transfer, **typed: Any) -> Any:
    return who.post(path, version=post.fresh(transfer).version, **typed)


def last(post: Post) -> Transfer:
    return transfers.get(post.system, max(row["id"] for row in transfers.TRANSFERS.page(post.system, {})["items"]))


def test_the_day_of_a_list_is_that_of_the_readers_clocks(post: Post) -> None:
    """In Hong Kong the 30th has begun while it is the 29th in UTC; the page of one says so, too."""
    post.sent()
    there = replace(post.people.member.actor, time_zone="Asia/Hong_Kong")
    at = "2026-11-29T22:35:00Z"
    [found] = transfers.TRANSFERS.page(post.system, {})["items"]
    for row in ({**found, "expires_at": at}, {**found, "ended_at": at}):
        assert views.page_transfers(there, [row])[0]["ends"] == "2026-11-30"
        assert views.page_transfers(post.people.member.actor, [row])[0]["ends"] == "2026-11-29"
    asked = {"id": 1, "closed_at": None, "expires_at": at}
    assert views.page_requests(there, [asked])[0]["ends"] == "2026-11-30"


def test_all_at_once_is_offered_only_while_each_of_them_may_be_had(post: Post) -> None:
    made = post.draft(most_downloads=1)
    post.file(made, b"one", "one.bin")
    post.file(made, b"two", "two.bin")
    transfers.send(post.people.member.actor, made.id)
    link, archive = f"/x/sendbig/t/{post.secret(post.to(made)[0])}", post.path(made, what="all.zip")
    assert archive in post.get(link).text
    assert post.get(post.path(made)).data == b"one"
    text = post.get(link).text
    assert archive not in text and "used up" in text and post.path(made, what=str(post.files(made)[1].id)) in text
    assert post.get(archive).status_code == 410


def test_a_download_that_goes_on_has_not_broken_off(post: Post) -> None:
    made = post.sent()
    counting.begin(post.people.member.actor, made, post.files(made)[0], None, resumed=False)
    assert "under way" in (text := post.people.member.get(page_of(made)).text) and "broken off" not in text
    Download.update(live_until=None).execute()
    assert "broken off" in post.people.member.get(page_of(made)).text


# --- Sending ----------------------------------------------------------------------------------------------------


def test_from_an_empty_list_to_a_transfer_that_is_taken_back(post: Post) -> None:
    member = post.people.member
    assert "Nothing has been sent yet." in member.get(f"{HERE}/transfers").text
    typed = {"title": "Image", "recipients": "Ann Lee <ann@third.example>\nbob@third.example;", "by_hand": "true"}
    answer = member.post(f"{HERE}/transfers/new", expires_in_days="3", **typed)
    assert answer.status_code == 303, answer.text
    made = last(post)
    to = [(one.name, one.email) for one in post.to(made)]
    assert to == [("Ann Lee", "ann@third.example"), ("", "bob@third.example"), ("Link to hand over", "")]
    text = member.get(page_of(made)).text
    assert f'data-upload="/x/sendbig/flow/transfers/{made.id}/files"' in text and "tus.min.js" in text
    assert "curl -X POST -T FILE" in text  # for whoever runs no scripts
    post.file(made, b"0123456789", "image.bin", folder="disks")
    assert press(post, member, f"{page_of(made)}/send", made).status_code == 303
    text = member.get(page_of(made)).text
    assert "image.bin" in text and sha256(b"0123456789") in text and "data-upload" not in text
    assert f'data-copy="{reach.address_of(post.to(made)[0])}"' in text
    assert "Nobody has fetched anything yet." in text
    assert "It has been sent: it can be extended" in member.get(f"{page_of(made)}/edit").text
    assert press(post, member, f"{page_of(made)}/extend", made, expires_in_days="30").status_code == 303
    answer = press(post, member, f"{page_of(made)}/extend", made, expires_in_days="4000")
    assert answer.status_code == 422 and "<details" in answer.text
    [first, *_] = post.to(made)
    answer = member.post(f"{HERE}/recipients/{first.id}/revoke", version=first.version)
    assert answer.status_code == 303 and "link taken back" in member.get(page_of(made)).text
    assert press(post, member, f"{page_of(made)}/revoke", made).status_code == 303
    text = member.get(page_of(made)).text
    assert "Taken back" in text and "/flow/" not in text, "nothing leads to what is not kept any more"
    assert post.get(f"/x/sendbig/t/{post.secret(post.to(made)[1])}").status_code == 410


def test_what_is_wrong_is_said_where_it_was_typed(post: Post) -> None:
    member = post.people.member
    answer = member.post(f"{HERE}/transfers/new", title="Image", recipients="nobody at all", message="kept <b>")
    assert answer.status_code == 422 and 'id="recipients-error"' in answer.text and "kept &lt;b&gt;" in answer.text
    made = post.draft(recipients=[])
    answer = press(post, member, f"{page_of(made)}/send", made)
    assert answer.status_code == 409 and "There is no file in it yet." in answer.text
    answer = member.post(f"{page_of(made)}/edit", version=77, title="Other")
    assert answer.status_code == 412 and 'value="Other"' in answer.text
    assert press(post, member, f"{page_of(made)}/recipients", made, email="x y").status_code == 422
    assert press(post, member, f"{page_of(made)}/recipients", made, email="", name="Night shift").status_code == 303
    assert "Night shift" in member.get(page_of(made)).text


def test_a_draft_is_changed_emptied_and_thrown_away(post: Post) -> None:
    member, made = post.people.member, post.draft(password="open sesame")
    edit = f"{page_of(made)}/edit"
    assert 'name="no_password"' in member.get(edit).text and 'name="party"' not in member.get(edit).text
    assert press(post, member, edit, made, title="New", password="").status_code == 303
    assert post.fresh(made).password_hash and post.fresh(made).title == "New"
    assert press(post, member, edit, made, title="New", no_password="true").status_code == 303
    assert not post.fresh(made).password_hash
    file = post.file(made)
    assert member.post(f"{HERE}/files/{file.id}/remove", version=file.version).status_code == 303
    assert "No files yet." in member.get(f"{page_of(made)}/files").text
    assert press(post, member, f"{page_of(made)}/remove", made).status_code == 303
    assert member.get(f"{HERE}/transfers?state=draft&mine=true").text.count("No transfer is like that.") == 1


def test_a_file_on_its_way_is_listed_with_how_far_it_is(post: Post) -> None:
    member, made = post.people.member, post.draft()
    post.file(made, b"x" * 100, state="receiving", blob=None)
    text = member.get(f"{page_of(made)}/files").text
    assert "data-receiving" in text and "0 % has arrived" in text and "data-again" not in text
    answer = press(post, member, f"{page_of(made)}/send", made)
    assert answer.status_code == 409 and "image.bin has not arrived whole" in answer.text
    post.file(made, b"y" * 100, "other.bin", state="checking", blob=None)
    assert "data-again" in member.get(f"{page_of(made)}/files").text  # asked for again until it is settled
    post.file(made, b"z", "virus.exe", state="refused", refusal="infected", blob=None)
    assert "The virus scanner found something in it." in member.get(page_of(made)).text


def test_who_may_do_what(post: Post) -> None:
    sent, people = post.sent(), post.people
    text = people.reader.get(page_of(sent)).text
    assert "Take back" not in text and 'data-copy="http' not in text and "Extend" not in text
    assert people.reader.get(f"{HERE}/transfers/new").status_code == 403
    assert people.stranger.get(page_of(sent)).status_code == 404
    assert people.engineer.get(f"/c/globex/x/sendbig/transfers/{sent.id}").status_code == 404
    assert 'name="party"' in people.engineer.get(f"{HERE}/transfers/new").text
    text = people.engineer.get("/x/sendbig/transfers").text
    assert sent.title in text and "Acme" in text
    assert sent.title not in people.stranger.get("/x/sendbig/transfers").text


def test_the_dashboard_tells_of_space_and_of_what_ends_soon(post: Post) -> None:
    assert "in use by large files" not in post.people.member.get("/c/acme").text
    sent = post.sent(expires_in_days=2, title="Ends soon")
    text = post.people.member.get("/c/acme").text
    assert "in use by large files" in text and page_of(sent) in text
    assert "Ends soon" not in post.people.stranger.get("/c/globex").text


# --- With a link ------------------------------------------------------------------------------------------------


def landing(post: Post, sent: Transfer, **more: Any) -> Any:
    return post.get(f"/x/sendbig/t/{post.secret(post.to(sent)[0])}", **more)


def test_a_link_shows_what_there_is_and_no_way_into_the_rest(post: Post) -> None:
    made = post.draft(title="<i>Image</i>", message="Two\nlines")
    post.file(made, b"0123456789", '<script>"x".bin', folder="disks")
    post.file(made, PNG, "rack.png", type="image/png")
    transfers.send(post.people.member.actor, made.id)
    answer = landing(post, made)
    text = answer.text
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "<script>" not in text.replace("<script src", "") and "&lt;i&gt;Image" in text and "Two\nlines" in text
    assert sha256(b"0123456789") in text and "all.zip" in text and text.count("/preview") == 1
    assert post.people.member.user.name in text or post.people.member.actor.name in text
    assert "/sign-in" not in text and 'id="side"' not in text
    assert "下載" in landing(post, made, Accept_Language="zh-TW").text


def test_a_password_is_asked_for_before_anything_is_told(post: Post) -> None:
    sent = post.sent(title="Very secret", password="open sesame")
    client, address = post.installation.app.test_client(), f"/x/sendbig/t/{post.secret(post.to(sent)[0])}"
    assert "Very secret" not in client.get(address).text
    wrong = client.post(f"{address}/password", data={"password": "abracadabra"}, follow_redirects=True)
    assert "This is not the password." in wrong.text and 'aria-invalid="true"' in wrong.text
    right = client.post(f"{address}/password", data={"password": "open sesame"}, follow_redirects=True)
    assert "Very secret" in right.text and "image.bin" in right.text
    assert "Very secret" not in post.get(address).text  # in another browser


@pytest.mark.parametrize(
    ("ends", "status", "said"),
    [("expired", 410, "not here any more"), ("revoked", 410, "taken back"), ("checking", 200, "Not quite ready"),
     ("nothing", 404, "leads nowhere")],
)  # fmt: skip
def test_a_link_that_is_over_says_what_to_do(post: Post, ends: str, status: int, said: str) -> None:
    sent = post.sent(title="Very secret")
    if ends == "revoked":
        transfers.revoke(post.people.member.actor, sent.id)
    if ends == "checking":
        Transfer.update(state="checking").where(Transfer.id == sent.id).execute()
    if ends == "nothing":
        answer = post.get("/x/sendbig/t/wrong")
    elif ends == "expired":
        with post.later(days=30):
            answer = landing(post, sent)
    else:
        answer = landing(post, sent)
    assert answer.status_code == status and said in answer.text
    assert "Very secret" not in answer.text and "image.bin" not in answer.text


def test_pages_with_a_link_take_as_many_statements_for_many_files_as_for_one(post: Post) -> None:
    few, many = post.draft(), post.draft()
    for transfer, count in ((few, 1), (many, 9)):
        for number in range(count):
            post.file(transfer, b"%d" % number, f"{number}.bin")
        transfers.send(post.people.member.actor, transfer.id)
    asked = post.installation.statements
    one, nine = (asked(post.people.stranger, f"/x/sendbig/t/{post.secret(post.to(each)[0])}") for each in (few, many))
    assert nine == one


# --- What is asked of others -----------------------------------------------------------------------------------


def a_request(post: Post, **typed: str) -> Any:
    answer = post.people.member.post(f"{HERE}/requests/new", title="Logs", **typed)
    assert answer.status_code == 303, answer.text
    row = max(asking.REQUESTS.page(post.system, {})["items"], key=lambda each: each["id"])
    return asking.get(post.system, row["id"])


def link_of(post: Post, request: Any) -> str:
    return "/x/sendbig/r/" + asking.link_of(post.people.member.actor, request.id).rpartition("/")[2]


def test_somebody_sends_what_he_was_asked_for_and_sees_only_that(post: Post) -> None:
    member, asked = post.people.member, a_request(post, email="noor@scan.example", most_gb="2", most_files="5")
    assert asked.most_bytes == 2_000_000_000
    text = member.get(f"{HERE}/requests/{asked.id}").text
    assert "Nothing has arrived yet." in text and link_of(post, asked) in text
    client, address = post.installation.app.test_client(), link_of(post, asked)
    text = client.get(address).text
    assert "Who are you?" in text and "Logs" in text and "at most 5 files" in text and "data-upload" not in text
    refused = client.post(f"{address}/visit", data={"name": ""}, follow_redirects=True)
    assert 'id="name-error"' in refused.text
    assert "data-upload" in client.post(f"{address}/visit", data={"name": "Noor"}, follow_redirects=True).text
    nothing = client.post(f"{address}/finished", follow_redirects=True)
    assert "There is no file yet" in nothing.text
    visit = next(one for one in asking.told(post.system, asked)["transfers"])
    post.file(transfers.get(post.system, visit), b"log", "noor.log")
    assert "noor.log" in client.get(f"{address}/files").text
    assert "noor.log" not in post.get(f"{address}/files").text and "noor.log" not in post.get(address).text
    assert "Thank you" in client.post(f"{address}/finished", follow_redirects=True).text
    assert "Who are you?" in client.get(f"{address}?again=1").text
    assert "Noor" in member.get(f"{HERE}/requests/{asked.id}").text
    assert "came by a request" in member.get(f"{HERE}/transfers").text
    text = member.get(f"{HERE}/transfers/{visit}").text
    assert "Came by a request, from Noor" in text and re.search(r'href="[^"]*/flow/files/\d+"', text)
    answer = member.post(f"{HERE}/requests/{asked.id}/close", version=asking.get(post.system, asked.id).version)
    assert answer.status_code == 303
    answer = client.get(address)
    assert answer.status_code == 410 and "This request is over" in answer.text
    assert "1 time" in member.get(f"{HERE}/requests?state=closed").text


def test_a_request_is_extended_and_guarded(post: Post) -> None:
    member, asked = post.people.member, a_request(post, password="open sesame")
    path = f"{HERE}/requests/{asked.id}"
    assert member.post(f"{path}/extend", version=asked.version, expires_in_days="20").status_code == 303
    assert member.post(f"{path}/extend", version=asked.version, expires_in_days="20").status_code == 412
    assert member.post(f"{path}/close", version=asked.version).status_code == 412
    client, address = post.installation.app.test_client(), link_of(post, asked)
    assert "Logs" not in client.get(address).text
    answer = client.post(f"{address}/password", data={"password": "open sesame"}, follow_redirects=True)
    assert "Who are you?" in answer.text
    assert member.post(f"{HERE}/requests/new", title="").status_code == 422
    assert post.people.stranger.get(path).status_code == 404
    assert (
        post.people.reader.get(path).status_code == 200
        and link_of(post, asked) not in post.people.reader.get(path).text
    )
    assert post.get("/x/sendbig/r/wrong").status_code == 404
