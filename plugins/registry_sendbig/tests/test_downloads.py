"""Fetching by a link: parts, counting, ends, passwords; and an archive of everything."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.kernel import clock
from registry_sendbig.downloads import counting
from registry_sendbig.models import Download
from registry_sendbig.tests.post import Post, sha256
from registry_sendbig.transfers import service as transfers

MIB = 1024 * 1024
BIG = bytes(range(256)) * 4096 * 4  # 4 MiB


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12))
def test_merged_ranges_are_the_set_of_their_bytes(ranges: list[tuple[int, int]]) -> None:
    found = counting.merged(ranges)
    assert {byte for first, after in found for byte in range(first, after)} == {
        byte for first, after in ranges for byte in range(first, after)
    }
    assert all(one[1] < other[0] for one, other in zip(found, found[1:], strict=False)), "a seam, or an overlap"
    assert all(first < after for first, after in found)


def test_a_file_comes_as_something_to_save(post: Post) -> None:
    made = post.draft()
    file = post.file(made, b"<script>alert(1)</script>", "報告 \u202egpj.html", type="text/html")
    transfers.send(post.people.member.actor, made.id)
    answer = post.get(post.path(made))
    assert answer.data == post.kept[file.id]
    assert "attachment; " in answer.headers["Content-Disposition"]
    assert "filename*=UTF-8''%E5%A0%B1%E5%91%8A" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["ETag"] == f'"{sha256(post.kept[file.id])}"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_download_that_broke_off_is_resumed_and_counted_once(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    path = post.path(made)
    got = post.part(path, 2)
    [begun] = post.downloads(made)
    [[_, end]] = begun.ranges
    assert (begun.whole_at, begun.live_until) == (None, None) and 0 < end < len(got), "the last piece was on its way"
    got = got[:end]
    answer = post.get(path, Range=f"bytes={len(got)}-", If_Range=f'"{sha256(BIG)}"')
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, f"bytes {len(got)}-{len(BIG) - 1}/{len(BIG)}")
    assert sha256(got + answer.data) == sha256(BIG)
    [whole] = post.downloads(made)
    assert (whole.ranges, whole.delivered) == ([[0, len(BIG)]], len(BIG))
    assert whole.whole_at is not None
    assert post.fresh(made).end_reason == "used_up"
    [receipt] = post.letters("receipt")
    assert receipt.to == "bob@acme.example"
    assert "ann@third.example" in receipt.subject
    assert post.get(path).status_code == 410


def test_broken_off_downloads_cost_nothing(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    for _again in range(2):
        post.part(post.path(made), 1)
        assert post.fresh(made).state == "open"
    assert not post.letters("receipt")
    assert post.get(post.path(made)).data == BIG


def test_looking_costs_nothing(post: Post) -> None:
    made = post.sent(most_downloads=1)
    client = post.installation.app.test_client()
    assert client.head(post.path(made)).headers["Content-Length"] == "10"
    assert post.get(post.path(made), If_None_Match=f'"{sha256(b"0123456789")}"').status_code == 304
    assert post.get(post.path(made), Range="bytes=100-").status_code == 416
    assert not post.downloads(made)


def test_the_last_one_is_not_given_to_two_at_once(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    first = post.installation.app.test_client().get(post.path(made), buffered=False)
    assert post.get(post.path(made)).status_code == 409
    assert first.data == BIG
    assert post.get(post.path(made)).status_code == 410
    assert len([one for one in post.downloads(made) if one.whole_at]) == 1


def test_a_place_that_a_dead_process_held_is_free_again(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    post.part(post.path(made), 1)
    Download.update(live_until=clock.now() + timedelta(minutes=20)).execute()
    assert post.get(post.path(made)).status_code == 409
    with post.later(minutes=21):
        assert post.get(post.path(made)).data == BIG


def test_the_same_half_again_and_again_is_a_download(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    post.part(post.path(made), 1)
    for _again in range(4):
        post.get(post.path(made), Range=f"bytes=1-{3 * MIB}")
    assert post.fresh(made).end_reason == "used_up"


def test_a_part_in_between_gives_nobody_elses_place_away(post: Post) -> None:
    made = post.sent(text=BIG, most_downloads=1)
    running = post.installation.app.test_client().get(post.path(made), buffered=False)
    assert post.get(post.path(made), Range="bytes=1-1").status_code == 206
    assert post.get(post.path(made)).status_code == 409
    assert running.data == BIG
    assert post.get(post.path(made)).status_code == 410


def test_who_begins_with_the_rest_gives_the_place_back(post: Post) -> None:
    """A download manager that asks for the end of a file first."""
    made = post.sent(text=BIG, most_downloads=1)
    assert post.get(post.path(made), Range=f"bytes={MIB}-").data == BIG[MIB:]
    assert post.get(post.path(made)).data == BIG, "nobody holds the last place"
    assert post.fresh(made).end_reason == "used_up"


def test_it_is_counted_once_however_often_it_is_noted(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.flows.sending.TELL_SECONDS", 0)
    made = post.sent(text=BIG)
    whole = post.installation.app.test_client().get(post.path(made), buffered=False)
    beside = post.installation.app.test_client().get(
        post.path(made), headers={"Range": f"bytes={MIB}-"}, buffered=False
    )
    assert whole.data == BIG
    assert beside.data == BIG[MIB:], "a part that was still on its way"
    assert len(post.chain("sendbig.downloaded")) == 1
    assert [one.delivered for one in post.downloads(made)] == [2 * len(BIG) - MIB]


def test_each_recipient_has_his_own_downloads(post: Post) -> None:
    made = post.sent(most_downloads=1, recipients=[{"email": "ann@third.example"}, {"email": "joe@third.example"}])
    assert post.get(post.path(made, 0)).status_code == 200
    assert post.get(post.path(made, 0)).status_code == 410
    assert post.fresh(made).state == "open"
    assert post.get(post.path(made, 1)).status_code == 200
    assert {one.who for one in post.downloads(made)} == {"ann@third.example", "joe@third.example"}
    assert post.fresh(made).end_reason == "used_up"


def test_what_had_begun_before_the_end_may_finish(post: Post) -> None:
    made = post.sent(text=BIG, expires_in_days=3)
    with post.later(days=2, hours=23, minutes=59):
        running = post.installation.app.test_client().get(post.path(made), buffered=False)
    with post.later(days=3, minutes=5):
        assert running.data == BIG
        assert post.get(post.path(made)).status_code == 410
    [one] = post.downloads(made)
    Download.update(whole_at=None, ranges=[[0, MIB]]).where(Download.id == one.id).execute()
    with post.later(days=3, minutes=10):
        assert post.get(post.path(made)).status_code == 410, "another one from the beginning"
        assert post.get(post.path(made), Range=f"bytes={MIB}-").data == BIG[MIB:]
    Download.update(whole_at=None, ranges=[[0, MIB]]).where(Download.id == one.id).execute()
    with post.later(days=3, hours=2):
        assert post.get(post.path(made), Range=f"bytes={MIB}-").status_code == 410


def test_taking_back_stops_what_is_leaving(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.flows.sending.TELL_SECONDS", 0)
    made = post.sent(text=BIG)
    running = post.installation.app.test_client().get(post.path(made), buffered=False)
    pieces = running.iter_encoded()
    got = len(next(pieces)) + len(next(pieces))
    transfers.revoke(post.people.member.actor, made.id)
    with pytest.raises(ConnectionResetError):
        for piece in pieces:
            got += len(piece)
    assert got < len(BIG)
    assert post.get(post.path(made), Range="bytes=1-").status_code == 410


def test_a_password_is_asked_and_proved(post: Post) -> None:
    secret_word = "correct horse battery"
    made = post.sent(password=secret_word)
    client, path = post.installation.app.test_client(), post.path(made)
    link = f"/x/sendbig/t/{post.secret(post.to(made)[0])}"
    assert post.get(path, client=client).status_code == 404
    wrong = client.post(f"{link}/password", data={"password": "something else"})
    assert wrong.location.endswith(f"{link}?wrong=1")
    none = client.post(f"{link}/password")
    assert (none.status_code, none.location) == (wrong.status_code, wrong.location)
    right = client.post(f"{link}/password", data={"password": secret_word})
    assert right.location.endswith(link)
    assert "HttpOnly" in right.headers["Set-Cookie"]
    assert post.get(path, client=client).status_code == 200
    assert post.get(path).status_code == 404, "another browser"
    with post.later(hours=13):
        assert post.get(path, client=client).status_code == 404, "for half a day"


def test_a_proof_is_good_for_one_link_and_one_password(post: Post) -> None:
    one, other = post.sent(password="correct horse battery"), post.sent(password="correct horse battery")
    client = post.installation.app.test_client()
    client.post(f"/x/sendbig/t/{post.secret(post.to(one)[0])}/password", data={"password": "correct horse battery"})
    assert post.get(post.path(one), client=client).status_code == 200
    assert post.get(post.path(other), client=client).status_code == 404
    one.update(password_hash="another").where(type(one).id == one.id).execute()
    assert post.get(post.path(one), client=client).status_code == 404


def test_trying_passwords_is_slowed_down(post: Post) -> None:
    made = post.sent(password="correct horse battery")
    link = f"/x/sendbig/t/{post.secret(post.to(made)[0])}/password"
    tries = [post.installation.app.test_client().post(link, data={"password": "x"}).status_code for _n in range(12)]
    assert tries[0] == 303
    assert tries[-1] == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    right = {"password": "correct horse battery"}
    again = post.installation.app.test_client().post(link, data=right, environ_overrides=elsewhere)
    assert again.status_code == 429, "the link is throttled, whoever tries"


def test_links_that_lead_nowhere_are_throttled(post: Post) -> None:
    client = post.installation.app.test_client()
    answers = [client.get(f"/x/sendbig/flow/t/{number}/1").status_code for number in range(70)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_files_of_others_are_not_reached_by_a_link(post: Post) -> None:
    mine, other = post.sent(), post.sent(text=b"secret")
    wrong = post.path(mine, what=str(post.files(other)[0].id))
    assert post.get(wrong).status_code == 404
    unsent = post.draft()
    post.file(unsent)
    assert post.get(post.path(unsent)).status_code == 404, "nobody has sent it"


def test_colleagues_fetch_signed_in_and_strangers_do_not(post: Post) -> None:
    made = post.sent(most_downloads=1)
    path = f"/c/acme/x/sendbig/flow/files/{post.files(made)[0].id}"
    for _again in range(2):
        assert post.people.reader.get(path).data == b"0123456789"
    assert post.people.stranger.get(path).status_code == 404
    assert post.people.stranger.get(path.replace("acme", "globex")).status_code == 404
    assert post.people.engineer.get(path.replace("acme", "globex")).status_code == 404
    assert post.people.reader.get(f"/c/acme/x/sendbig/flow/transfers/{made.id}/all.zip").status_code == 200
    assert post.people.engineer.get(f"/c/globex/x/sendbig/flow/transfers/{made.id}/all.zip").status_code == 404
    assert post.fresh(made).state == "open", "those who have it already do not use it up"
    assert post.get(path).status_code in (302, 401)
