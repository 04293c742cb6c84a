"""The life of a transfer, and what everybody learns of it."""

import pytest

from registry.kernel.errors import Throttled
from registry.plugins import switches
from registry.sdk import ANY_VERSION, Conflict, Forbidden, Invalid, NotFound, Stale
from registry_sendbig.models import File, Recipient, Transfer
from registry_sendbig.tests.post import Post, in_days
from registry_sendbig.transfers import ending, recipients, sharing
from registry_sendbig.transfers import service as transfers


def test_it_is_opened_and_written_about_once_all_its_files_are_verified(post: Post) -> None:
    made = post.draft(recipients=[{"email": "ann@third.example"}, {"email": "carol@acme.example"}, {"name": "By hand"}])
    post.file(made, name="one.bin")
    late = post.file(made, name="two.bin", state="checking", blob=None)
    sent = transfers.send(post.people.member.actor, made.id)
    assert sent.state == "checking"
    assert not post.letters()
    late.update(state="kept", blob=post.blob(made.customer_id, b"2")).where(type(late).id == late.id).execute()
    transfers.file_settled(post.system, post.fresh(late))
    assert post.fresh(made).state == "open"
    first, second = post.letters("link")
    assert (first.to, second.to) == ("ann@third.example", "carol@acme.example")
    assert "one.bin" in first.body
    assert "two.bin" in first.body
    assert post.secret(post.to(made)[0]) in first.body
    assert post.secret(post.to(made)[0]) not in second.body
    assert [one.kind for one in post.to(made)] == ["third", "own", "third"]


def test_the_chinese_reader_gets_chinese_words(post: Post) -> None:
    post.people.reader.post("/account/language", language="zh-Hant")
    post.sent(recipients=[{"email": "Carol@acme.example"}])
    [letter] = post.letters()
    assert "傳送檔案給您" in letter.subject


def test_nothing_is_sent_twice(post: Post) -> None:
    made = post.sent()
    with pytest.raises(Conflict, match="sent already"):
        transfers.send(post.people.member.actor, made.id)
    transfers.file_settled(post.system, post.files(made)[0])
    ending.tend()
    assert len(post.letters()) == 1


def test_what_cannot_be_sent_says_why(post: Post) -> None:
    who = post.people.member.actor
    made = post.draft()
    with pytest.raises(Conflict, match="no file"):
        transfers.send(who, made.id)
    bad = post.file(made, state="refused", refusal="infected", name="bad.exe")
    with pytest.raises(Conflict, match="bad.exe was refused"):
        transfers.send(who, made.id)
    transfers.remove_file(who, bad.id)
    post.file(made)
    transfers.change(who, made.id, {"recipients": []}, ANY_VERSION)
    with pytest.raises(Conflict, match="who gets it"):
        transfers.send(who, made.id)
    transfers.change(who, made.id, {"recipients": [{"name": "By hand"}]}, ANY_VERSION)
    with post.later(days=8), pytest.raises(Invalid):
        transfers.send(who, made.id)
    assert transfers.send(who, made.id).state == "open"


def test_a_refused_file_holds_the_others_until_it_is_taken_out(post: Post) -> None:
    made = post.draft()
    post.file(made)
    bad = post.file(made, name="bad.exe", state="checking", blob=None)
    transfers.send(post.people.member.actor, made.id)
    bad.update(state="refused", refusal="infected", refusal_told="Eicar").where(type(bad).id == bad.id).execute()
    transfers.file_settled(post.system, post.fresh(bad))
    [letter] = post.letters()
    assert (letter.name, letter.to) == ("sendbig.refused", "bob@acme.example")
    assert "Eicar" in letter.body
    transfers.remove_file(post.people.member.actor, bad.id)
    assert post.fresh(made).state == "open"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"),
        ({"expires_in_days": 91}, "expires_in_days"),
        ({"expires_at": in_days(-1)}, "expires_at"),
        ({"password": "short"}, "password"),
        ({"recipients": [{"email": "no address"}]}, "email"),
    ],
)
def test_what_a_draft_refuses(post: Post, values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        post.draft(**values)
    assert field in refused.value.errors


def test_nobody_is_written_to_twice(post: Post) -> None:
    with pytest.raises(Conflict, match="already"):
        post.draft(recipients=[{"email": "ann@third.example"}, {"email": "Ann@Third.example"}])


def test_one_recipient_more_and_one_less(post: Post) -> None:
    made = post.sent()
    late = recipients.add(post.people.member.actor, made.id, {"email": "late@third.example"})
    assert [one.to for one in post.letters()] == ["ann@third.example", "late@third.example"]
    recipients.revoke(post.people.member.actor, late.id)
    assert post.get(post.path(made, 1)).status_code == 404
    assert post.get(post.path(made, 0)).status_code == 200


def test_whose_link_was_taken_back_before_it_was_open_hears_nothing(post: Post) -> None:
    made = post.draft(recipients=[{"email": "ann@third.example"}, {"email": "joe@third.example"}])
    post.file(made)
    recipients.revoke(post.people.member.actor, post.to(made)[0].id)
    transfers.send(post.people.member.actor, made.id)
    assert [one.to for one in post.letters()] == ["joe@third.example"]


def test_expiry_reminder_and_the_abandoned(post: Post) -> None:
    made, draft = post.sent(expires_in_days=3), post.draft()
    assert ending.tend() == 0
    with post.later(days=2, hours=12):
        assert ending.tend() == 1
        assert [one.to for one in post.letters("reminder")] == ["ann@third.example"]
        assert ending.tend() == 0
        assert len(post.letters("reminder")) == 1
    with post.later(days=3, seconds=1):
        assert post.get(post.path(made)).status_code == 410  # before the job has said so
        ending.tend()
    assert (post.fresh(made).state, post.fresh(made).end_reason) == ("ended", "expired")
    with post.later(days=8):
        ending.tend()
    assert post.fresh(draft).end_reason == "abandoned"


def test_whoever_has_fetched_is_not_reminded(post: Post) -> None:
    made = post.sent(expires_in_days=3)
    assert post.get(post.path(made)).data == b"0123456789"
    with post.later(days=2, hours=12):
        ending.tend()
    assert not post.letters("reminder")


def test_extended_and_taken_back(post: Post) -> None:
    made = post.sent(expires_in_days=3)
    with pytest.raises(Stale):
        transfers.extend(post.people.member.actor, made.id, {"expires_in_days": 30}, 1)
    transfers.extend(post.people.member.actor, made.id, {"expires_in_days": 30}, post.fresh(made).version)
    with post.later(days=20):
        assert sharing.state_of(post.fresh(made)) == "open"
    transfers.revoke(post.people.member.actor, made.id)
    assert post.get(post.path(made)).status_code == 410
    with pytest.raises(Conflict):
        transfers.extend(post.people.member.actor, made.id, {"expires_in_days": 30}, ANY_VERSION)


def test_who_may(post: Post) -> None:
    """A colleague sees it; only whoever sent it and those who manage change it; a stranger finds nothing."""
    people, made = post.people, post.sent()
    assert transfers.get(people.reader.actor, made.id).title == "Disk image"
    for who, refusal in ((people.reader, Forbidden), (people.engineer, Forbidden), (people.stranger, NotFound)):
        with pytest.raises(refusal):
            transfers.revoke(who.actor, made.id)
        with pytest.raises(refusal):
            recipients.link_of(who.actor, post.to(made)[0].id)
        with pytest.raises(refusal):
            recipients.revoke(who.actor, post.to(made)[0].id)
    with pytest.raises(NotFound):
        transfers.get(people.stranger.actor, made.id)
    assert transfers.revoke(people.manager.actor, made.id).ended_by == people.manager.actor.name


def test_a_job_that_died_is_made_good(post: Post) -> None:
    made = post.draft()
    late = post.file(made, state="checking")
    transfers.send(post.people.member.actor, made.id)
    late.update(state="kept").where(type(late).id == late.id).execute()  # and nobody said so
    assert ending.tend() == 1
    assert post.fresh(made).state == "open"


def test_the_record_says_who_and_when(post: Post) -> None:
    made = post.sent()
    post.get(post.path(made))
    transfers.revoke(post.people.member.actor, made.id)
    done = [(row.action, row.actor_name) for row in post.chain() if row.action.startswith(("sendbig.", "mail."))]
    bob = post.people.member.actor.name
    assert done == [
        ("sendbig.drafted", bob), ("sendbig.recipient_added", bob), ("sendbig.sent", bob), ("sendbig.opened", bob),
        ("mail.written", bob), ("sendbig.link_sent", bob), ("sendbig.download_begun", "ann@third.example"),
        ("sendbig.downloaded", "ann@third.example"), ("sendbig.revoked", bob),
    ]  # fmt: skip
    secret = post.secret(post.to(made)[0])
    assert not any(secret in f"{row.before}{row.after}{row.label}" for row in post.chain())


def test_a_mail_that_got_lost_is_sent_once_more(post: Post) -> None:
    made = post.sent()
    [ann] = post.to(made)
    who = post.people.member
    path = f"/c/acme/x/sendbig/recipients/{ann.id}/resend"
    early = who.post(path, version=str(ann.version))
    assert early.status_code == 409 and "wait a few minutes" in early.text
    with post.later(minutes=6):
        assert post.people.reader.post(path, version=str(ann.version)).status_code == 403
        assert post.people.stranger.post(path, version=str(ann.version)).status_code == 404
        assert f'action="{path}"' in who.get(f"/c/acme/x/sendbig/transfers/{made.id}").text
        assert who.post(path, version=str(ann.version)).status_code == 303
    first, second = post.letters("link")
    assert (second.to, second.body) == (first.to, first.body)
    with post.later(minutes=12):
        recipients.revoke(who.actor, ann.id)
        with pytest.raises(Conflict):
            recipients.resend(who.actor, ann.id)


def test_what_is_told_holds_no_secret(post: Post) -> None:
    made = post.sent(password="a long password")
    told = repr(transfers.told(post.people.member.actor, made))
    row: Transfer = post.fresh(made)
    assert row.password_hash not in told
    assert str(post.to(made)[0].token_hash) not in told


def test_a_leaked_account_does_not_make_us_a_spammer(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.notices.plugged.MOST_A_DAY", 1)
    post.sent()
    made = post.draft()
    post.file(made)
    with pytest.raises(Throttled):
        transfers.send(post.people.member.actor, made.id)
    assert post.fresh(made).state == "draft"
    assert len(post.letters()) == 1
    with post.later(days=1, minutes=1):
        assert transfers.send(post.people.member.actor, made.id).state == "open"


def test_nothing_is_to_be_had_while_it_is_off_for_the_customer(post: Post) -> None:
    made = post.sent()
    switches.switch(post.system, "sendbig", on=False, customer_id=made.customer_id)
    assert post.get(post.path(made)).status_code == 404
    switches.switch(post.system, "sendbig", on=True, customer_id=made.customer_id)
    assert post.get(post.path(made)).status_code == 200


def test_what_has_been_sent_stays_as_it_was_sent(post: Post) -> None:
    made = post.draft()
    kept = post.file(made)
    post.file(made, name="late.bin", state="checking")
    transfers.send(post.people.member.actor, made.id)
    with pytest.raises(Conflict):
        transfers.remove_file(post.people.member.actor, kept.id)
    with pytest.raises(Conflict):
        transfers.change(post.people.member.actor, made.id, {"title": "Another"}, ANY_VERSION)
    with pytest.raises(Conflict):
        transfers.may_add(post.fresh(made), 1)


def test_one_receipt_for_each_recipient(post: Post) -> None:
    made = post.draft(recipients=[{"email": "ann@third.example"}, {"email": "joe@third.example"}])
    files = [post.file(made, name=name) for name in ("a.bin", "b.bin")]
    transfers.send(post.people.member.actor, made.id)
    for number in (0, 1):
        for file in files:
            post.get(post.path(made, number, str(file.id)))
    assert [one.subject.partition(" ")[0] for one in post.letters("receipt")] == [
        "ann@third.example", "joe@third.example",
    ]  # fmt: skip


def test_a_mail_names_the_first_hundred_files_and_the_size_of_all(post: Post) -> None:
    made = post.draft(recipients=[{"email": "ann@third.example"}, {"email": "bob@third.example"}])
    blob = post.blob(post.acme, b"0123456789")
    File.insert_many(
        {"customer_id": post.acme, "transfer": made.id, "name": f"{number}.bin", "size": 10, "state": "kept",
         "blob": blob.id} for number in range(150)
    ).execute()  # fmt: skip
    transfers.send(post.people.member.actor, made.id)
    for letter in post.letters("link"):
        assert "1.5 kB" in letter.body and "99.bin" in letter.body and "100.bin" not in letter.body
        assert post.secret(post.to(made)[letter.to.startswith("bob")]) in letter.body


def test_a_draft_that_came_in_a_package_gets_links_when_it_is_sent(post: Post) -> None:
    made = post.draft()
    post.file(made)
    Recipient.update(token_hash=None, token_sealed=None).where(Recipient.transfer == made.id).execute()
    transfers.send(post.people.member.actor, made.id)
    [letter] = post.letters("link")
    assert post.secret(post.to(made)[0]) in letter.body and post.get(post.path(made)).status_code == 200
