"""No more mails about what ends, by one press and without a sign-in (RFC 8058): for whoever has the mail alone."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from registry.actions import Action
from registry.kernel import mail, mail_texts
from registry.kernel.audit import AuditEntry
from registry.kernel.mail import Mail
from registry.kernel.mail_transport import Letter, compose, sender_of
from registry.kernel.throttle import Limit
from registry.notices import choices, unsubscribe_pages
from registry.notices.models import KINDS, NoticeChoice
from registry.people.models import User
from registry.people.recovery import send_reset
from tests.houses import House
from tests.notices.world import Calendar, at, words_of

END = date(2027, 6, 30)
OWNER = "alice@acme.example"
LOCAL = "http://127.0.0.1:8000"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post")


@pytest.fixture
def world(any_house: House) -> Iterator[Calendar]:
    with at(END - timedelta(days=7)):
        made = any_house.furnished(Calendar)
        made.plan()
        yield made


def address(world: Calendar, email: str = OWNER) -> str:
    return choices.unsubscribe_link(User.get(User.email == email)).removeprefix(LOCAL)


def letter(link: str | None) -> Letter:
    return Letter("<1@x.example>", OWNER, "Ends", "Body\n", "en", datetime(2027, 1, 1, tzinfo=UTC), link)


def test_a_notice_brings_an_address_that_works_by_one_press(world: Calendar) -> None:
    world.unit("SN-1", END)
    world.run()
    (message,) = world.mails()
    assert f"{LOCAL}/account/calendar#own-title" in words_of(message)
    link = str(message["List-Unsubscribe"])[1:-1]
    assert link.startswith(f"{LOCAL}/unsubscribe/") and "unsubscribe/" not in words_of(message)
    stranger, path = world.house.app.test_client(), link.removeprefix(LOCAL)
    for method in ("GET", "HEAD"):
        assert stranger.open(path, method=method).status_code == 200
    assert not NoticeChoice.select().exists(), "to open it changes nothing"
    answer = stranger.post(path, data=ONE_CLICK, headers={"Origin": "null", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert choices.muted_by(world.people.owner.user.id) == set(KINDS)
    world.unit("SN-2", END - timedelta(days=1))
    world.run()
    assert world.mails() == []
    entry = AuditEntry.get(AuditEntry.action == Action.NOTICES_CHOSEN)
    assert (entry.actor_kind, entry.actor_id, entry.address) == ("link", world.people.owner.user.id, "127.0.0.1")
    count = AuditEntry.select().count()
    assert stranger.post(path).status_code == 200 and AuditEntry.select().count() == count


def test_the_page_has_a_button_and_the_way_to_single_kinds(house: House) -> None:
    world = house.furnished(Calendar)
    path, client = address(world), house.app.test_client()
    page = client.get(path).text
    assert f'<form method="post" action="{path}">' in page and 'href="/account/calendar#own-title"' in page
    assert "no more mails" in client.post(path).text
    User.update(language="zh-Hant").where(User.email == OWNER).execute()
    assert '<html lang="zh-Hant"' in client.get(path).text


def test_it_is_good_for_this_reader_alone(house: House) -> None:
    world = house.furnished(Calendar)
    client, good = house.app.test_client(), address(world)
    number, mark = good.rpartition("/")[2].split("-")
    other = world.people.reader.user.id
    for wrong in (
        f"{other}-{mark}", f"{number}-{mark[:-1]}", f"{number}-{mark[:-1]}x", f"{number}-", number, f"-{mark}",
        f"{number}-{mark}0", f"{number}x-{mark}", f"{'9' * 30}-{mark}", f"²-{mark}", f"{number}-ä", "x" * 3000,
        "%00", "%ED%A0%80",
    ):  # fmt: skip
        for method in ("GET", "POST"):
            answer = client.open(f"/unsubscribe/{wrong}", method=method)
            assert answer.status_code == 404, wrong
    assert not NoticeChoice.select().exists()
    User.update(email="alice@elsewhere.example").where(User.email == OWNER).execute()
    assert client.post(good).status_code == 404, "a mail to her old address is good for nothing"


def test_guessing_is_slowed_down_and_so_is_pressing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    world = house.furnished(Calendar)
    monkeypatch.setattr(unsubscribe_pages, "WRONG", Limit(4, 3600))
    monkeypatch.setattr(unsubscribe_pages, "PRESSED", Limit(4, 3600))
    client, good = house.app.test_client(), address(world)
    assert [client.post(f"/unsubscribe/1-{n}").status_code for n in range(4)] == [404, 404, 429, 429]
    assert [client.post(good).status_code for _ in range(3)] == [200, 200, 429]
    assert client.post(address(world, "bob@acme.example")).status_code == 200


def test_the_log_and_the_sent_mail_do_not_hold_the_address(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    from registry.kernel.logs import configure_logs

    world = house.furnished(Calendar)
    path = address(world)
    configure_logs("INFO")
    house.app.test_client().post(path)
    configure_logs("ERROR")
    told = capsys.readouterr().err
    assert "/unsubscribe/<secret>" in told and path not in told
    mail.queue("notice", OWNER, "en", mail_texts.Text("a", "b"), unsubscribe=f"{LOCAL}{path}")
    world.mails()
    assert [(row.state, row.unsubscribe) for row in Mail.select()] == [("sent", None)]


@pytest.mark.parametrize("length", [20, 90, 200])
def test_the_header_is_as_the_mail_program_wants_it(length: int) -> None:
    link = f"https://assets.example/unsubscribe/{'a' * length}"
    raw = compose(letter(link), sender_of("", "https://assets.example")).as_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in raw, "neither encoded nor broken"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_takes_https_and_other_mails_have_no_such_thing(world: Calendar) -> None:
    plain = compose(letter(f"{LOCAL}/unsubscribe/1-a"), sender_of("", LOCAL))
    assert [name in plain for name in HEADERS] == [True, False]
    none = compose(letter(None), sender_of("", LOCAL))
    assert [name in none for name in HEADERS] == [False, False]
    world.house.person("eve@acme.example", "member", "acme", password="correct horse battery")
    send_reset("eve@acme.example", None, None)
    (message,) = world.mails()
    assert str(message["To"]) == "eve@acme.example" and not [name for name in HEADERS if name in message]


def test_only_notices_may_be_refused() -> None:
    """Every mail that is sent with an address to refuse it is one of these; all others are about one's account."""
    refusable = {name for name, kind in mail_texts.KINDS.items() if "settings" in kind.placeholders}
    assert refusable == {"notice"}
    for language in ("en", "zh-Hant"):
        assert re.search(r"\{settings\}", mail_texts.shipped("notice", language).body)
