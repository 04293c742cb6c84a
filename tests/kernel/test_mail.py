"""Mail: queued with its change, sent once, tried again, parked; nobody's words stay behind."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.kernel import clock, mail, phrases, wall
from registry.kernel.db import BUSY_SECONDS, database, run_sql, transaction
from registry.kernel.mail import LEASE, MAX_TRIES, Mail, carry, forget_old, post, retry
from registry.kernel.mail_transport import Folder, Letter, Refused, Server, compose, sender_of, wire_address
from registry.kernel.secrets import use_secret
from tests.houses import SECRET, House

START = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SENDER = sender_of("Care <care@operator.example>", "")
VALUES = {"now": START, "link": "https://assets.example/"}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(START):
        yield


def eml(house: House) -> list[EmailMessage]:
    paths = (house.settings.data / "mail").glob("*.eml")
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]  # type: ignore[misc]


class Broken:
    """A transport that fails, and then works again."""

    def __init__(self, error: Exception) -> None:
        self.error, self.sent = error, 0

    def __call__(self) -> "Broken":
        return self

    def send(self, _message: Any, _sender: str, _to: str) -> None:
        self.sent += 1
        raise self.error

    def close(self) -> None:
        pass


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    transport = Broken(ConnectionError("nobody there"))
    office = mail.PostOffice(SENDER, "https://assets.example", transport)
    monkeypatch.setattr(mail, "_office", office)
    return transport


# --- The queue ---------------------------------------------------------------------------------------------


def test_a_mail_that_left_while_somebody_else_writes_is_noted_once_he_has_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long import begins between sending and noting: what is not noted would be sent again after the lease."""
    post("mail_test", "alice@acme.example", "en", VALUES)
    run_sql("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(house.settings.data / "assetcare.db", isolation_level=None, check_same_thread=False)
    monkeypatch.setattr(mail, "NOTE_AGAIN_SECONDS", 0.05)
    send = Folder.send

    def slow(self: Folder, *letter: Any) -> None:
        send(self, *letter)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.execute, ["ROLLBACK"]).start()

    monkeypatch.setattr(Folder, "send", slow)
    try:
        assert carry() == 1
    finally:
        run_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        other.close()
    assert Mail.get().state == "sent"


def test_a_mail_leaves_once_its_change_is_committed(any_house: House) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        post("mail_test", "alice@acme.example", "en", VALUES)
        raise ZeroDivisionError
    assert carry() == 0
    with transaction():
        post("mail_test", "alice@acme.example", "en", VALUES)
    assert (carry(), carry()) == (1, 0)
    (message,) = eml(any_house)
    assert (message["To"], message["Subject"]) == ("alice@acme.example", "Assetcare can send mail")
    assert message["Auto-Submitted"] == "auto-generated" and message["Content-Language"] == "en"
    assert message["Date"] == "Mon, 01 Mar 2027 12:00:00 +0000" and message["Message-ID"].endswith("@localhost>")
    assert "1 March 2027 12:00 (GMT+00:00)" in message.get_content()


def test_words_are_sealed_while_they_wait_and_wiped_once_they_left(house: House) -> None:
    post("mail_test", "alice@acme.example", "en", {**VALUES, "link": "https://secret.example/let-me-in"})
    raw = str(database.execute_sql("SELECT * FROM mail").fetchall())
    assert "alice" in raw and "let-me-in" not in raw and "Assetcare can" not in raw
    carry()
    row = Mail.get()
    assert (row.state, row.sealed, row.sent_at) == ("sent", None, START)


def test_files_are_for_the_owner_alone_and_a_second_try_writes_the_same_one(house: House) -> None:
    post("mail_test", "alice@acme.example", "en", VALUES)
    carry()
    folder = house.settings.data / "mail"
    (path,) = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)
    message = compose(Letter("<one@here>", "a@b.example", "s", "b\n", "en", START), SENDER)
    for _ in range(2):
        Folder(folder).send(message, "x@y", "a@b.example")
    assert len(list(folder.iterdir())) == 2


def test_failures_are_tried_again_with_longer_pauses_and_parked_after_two_days(house: House, broken: Broken) -> None:
    post("mail_test", "alice@acme.example", "en", VALUES)
    tries = []
    while (row := Mail.get()).state == "queued":
        tries.append(row.next_at)
        with clock.frozen(row.next_at - timedelta(seconds=1)):
            assert carry() == 0
        with clock.frozen(row.next_at):
            assert carry() == 1
    assert len(tries) == MAX_TRIES == broken.sent
    pauses = [after - before for before, after in zip(tries, tries[1:], strict=False)]
    assert pauses == sorted(pauses) and pauses[0] == timedelta(seconds=30) and pauses[-1] == timedelta(hours=4)
    assert timedelta(days=1) < tries[-1] - tries[0] < timedelta(days=3)
    row = Mail.get()
    assert "nobody there" in row.error and row.sealed is not None


def test_a_refusal_for_good_is_parked_at_once_and_can_be_retried(house: House, broken: Broken) -> None:
    broken.error = Refused("550 no such user")
    post("mail_test", "alice@acme.example", "en", VALUES)
    assert (carry(), carry(), broken.sent) == (1, 0, 1)
    assert (Mail.get().state, Mail.get().error) == ("parked", "550 no such user")
    assert retry(Mail.get()) and not retry(Mail.get())
    assert (carry(), broken.sent) == (1, 2)


def test_a_worker_that_died_after_its_claim_leaves_the_mail_to_the_next_lease(house: House) -> None:
    post("mail_test", "alice@acme.example", "en", VALUES)
    assert mail._claim(Mail.get())
    with clock.frozen(START + LEASE - timedelta(seconds=1)):
        assert carry() == 0
    with clock.frozen(START + LEASE):
        assert carry() == 1
    assert len(eml(house)) == 1


def test_of_two_workers_one_claims(house: House) -> None:
    post("mail_test", "alice@acme.example", "en", VALUES)
    first, second = Mail.get(), Mail.get()
    assert (mail._claim(first), mail._claim(second)) == (True, False)


def test_a_mail_sent_while_another_worker_held_it_again_stays_sent(house: House) -> None:
    """The lease of a slow worker has run out: what the second one found counts, whatever the first says later."""
    post("mail_test", "alice@acme.example", "en", VALUES)
    slow = Mail.get()
    mail._claim(slow)
    with clock.frozen(START + LEASE):
        carry()
        mail._try_later(slow, TimeoutError())
    assert Mail.get().state == "sent"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\nBcc: c@d.example", "a b@c.example", "@c.example", "a@-x.example"]
)
def test_an_address_that_cannot_be_mailed_raises_nothing_and_is_parked(house: House, address: str) -> None:
    post("mail_test", address, "en", VALUES)
    assert carry() == 1
    assert (Mail.get().state, eml(house)) == ("parked", [])
    assert "no address" in Mail.get().error


def test_what_another_secret_sealed_is_parked(house: House) -> None:
    post("mail_test", "alice@acme.example", "en", VALUES)
    use_secret(SECRET[::-1])
    carry()
    use_secret(SECRET)
    assert Mail.get().state == "parked" and "another secret" in Mail.get().error


def test_old_mails_are_forgotten_but_not_those_that_wait(house: House) -> None:
    for to in ("a@b.example", "nobody", "c@d.example"):
        post("mail_test", to, "en", VALUES)
    Mail.update(next_at=START + timedelta(days=365)).where(Mail.to == "c@d.example").execute()
    carry()
    with clock.frozen(START + timedelta(days=89)):
        assert forget_old() == 0
    with clock.frozen(START + timedelta(days=91)):
        assert forget_old() == 2


def test_values_must_be_those_that_were_declared(house: House) -> None:
    for wrong in ({}, {**VALUES, "more": "x"}):
        with pytest.raises(LookupError, match="takes"):
            post("mail_test", "a@b.example", "en", wrong)


# --- The message -------------------------------------------------------------------------------------------


def sent(subject: str, body: str = "b\n", to: str = "a@b.example") -> EmailMessage:
    raw = compose(Letter("<one@here>", to, subject, body, "zh-Hant", START), SENDER).as_bytes()
    assert max(len(line) for line in raw.splitlines()) <= 998 and all(byte < 128 for byte in raw)
    return message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


HARD = "合約 C-2027-0042（「北區鐵路局」及其所屬單位之光收發模組維護）將於 2027年6月30日 到期，請辦理續約 " * 2


def test_traditional_chinese_comes_through(house: House) -> None:
    message = sent(HARD, HARD + "\n\n.\nFrom here\n")
    assert message["Subject"] == " ".join(HARD.split())
    assert message.get_content().splitlines() == [HARD, "", ".", "From here"]


@given(st.text(max_size=300))
@example("=?utf-8?q?Overdue?= on")  # not ours to decode
@example("0000 000¡¡¡¡¡𐀀𐀀𐀀𐀀𐀀𐀀 ¡")  # the line breaks before the blank
def test_any_subject_comes_through_on_one_line(subject: str) -> None:
    assert sent(subject)["Subject"] == phrases.one_line(subject)


@given(st.text(max_size=200), st.text(max_size=500))
def test_no_subject_or_body_can_add_a_header(subject: str, body: str) -> None:
    evil = f"{subject}\r\nBcc: victim@elsewhere.example\n\n{body}"
    message = sent(phrases.plain(evil), phrases.plain(body) + "\n")
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version", "Content-Language",
    }  # fmt: skip
    assert "\n" not in message["Subject"]


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("Alice@ACME.example", "Alice@acme.example"),
        ("bob@bücher.example", "bob@xn--bcher-kva.example"),
        ("王@例子.example", "王@xn--fsqu00a.example"),
    ],
)
def test_domains_travel_in_ascii(typed: str, wire: str) -> None:
    assert wire_address(typed) == wire


@pytest.mark.parametrize(
    "address", ["a@straße.example", "a..b@c.example", ".a@c.example", "a@", "a@b..c", "a" * 65 + "@b.c"]
)
def test_addresses_that_mean_something_else_or_nothing_are_refused(address: str) -> None:
    with pytest.raises(Refused):
        wire_address(address)


@given(st.text(max_size=60))
def test_an_address_that_is_accepted_can_stand_in_a_header(text: str) -> None:
    try:
        address = wire_address(f"{text}@b.example")
    except Refused:
        return
    message = compose(Letter("<one@here>", address, "s", "b\n", "en", START), SENDER)
    assert message["To"].addresses[0].addr_spec == address and not set(address) & set(' \r\n<>,;:\\"()[]')


# --- Settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 587, "starttls")),
        ("smtp://a%40b:p%2Fw@mail.example:25", Server("mail.example", 25, "starttls", "a@b", "p/w")),
        ("smtps://u:p@mail.example", Server("mail.example", 465, "implicit", "u", "p")),
        ("smtp://mail.example?starttls=no", Server("mail.example", 587, "none")),
        ("smtp://127.0.0.1:25", Server("127.0.0.1", 25, "none")),
        ("smtp://u:p@localhost:25", Server("localhost", 25, "none", "u", "p")),
        ("smtp://[::1]:25?starttls=yes", Server("::1", 25, "starttls")),
    ],
)
def test_addresses_of_servers(url: str, server: Server) -> None:
    assert Server.at(url) == server


@pytest.mark.parametrize(
    "url",
    ["http://x", "smtp://", "smtp://host:99999", "smtp://host?tls=no", "smtp://host?starttls=maybe",
     "smtp://user:geheim@mail.example?starttls=no"],
)  # fmt: skip
def test_addresses_that_cannot_be_used_say_so_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="ASSETCARE_SMTP") as error:
        Server.at(url)
    assert "geheim" not in str(error.value)


def test_senders() -> None:
    assert str(sender_of("", "https://assets.example.com")) == "Assetcare <assetcare@assets.example.com>"
    assert str(sender_of("", "http://127.0.0.1:8000")) == "Assetcare <assetcare@localhost>"
    assert str(sender_of("Werk & Co <care@bücher.example>", "")) == "Werk & Co <care@xn--bcher-kva.example>"
    for wrong in ("nobody", "Care <x y@z>", "a@b, c@d"):
        with pytest.raises(ValueError, match="ASSETCARE_MAIL_FROM"):
            sender_of(wrong, "")


def test_links_begin_with_the_public_address(house: House, tmp_path: Path) -> None:
    mail.use(smtp="", folder=tmp_path, sender="", public_url="https://assets.example.com/")
    assert mail.link("/c/acme") == "https://assets.example.com/c/acme"
    assert mail.office().domain == "assets.example.com"


@pytest.mark.postgres
def test_behind_the_wall_anybody_may_queue_a_mail_and_nobody_reads_it(postgres_house: House) -> None:
    postgres_house.customer("acme")
    for scope in (wall.NOTHING, wall.scope_of([1])):
        with wall.carried(scope):
            post("mail_test", "alice@acme.example", "en", VALUES)
            assert not list(Mail.select())
    with wall.everywhere():
        assert carry() == 2
