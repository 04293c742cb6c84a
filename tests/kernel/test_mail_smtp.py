"""Mail through real SMTP servers: with and without TLS, refusing, putting off, breaking off, silent."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from registry.kernel import clock, mail, mail_transport
from registry.kernel.mail import Mail, carry, post
from tests.houses import House
from tests.ports import free_port
from tests.smtp import Sink, certificate, password_of

START = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
VALUES = {"now": START, "link": "https://assets.example/"}


@pytest.fixture(autouse=True)
def _noon(house: House) -> Iterator[None]:
    with clock.frozen(START):
        yield


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The server's side of a certificate for 127.0.0.1 that this process trusts."""
    pem, context = certificate(tmp_path, "127.0.0.1", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return context


def use(url: str, tmp_path: Path) -> None:
    mail.use(smtp=url, folder=tmp_path, sender="Care <care@operator.example>", public_url="https://assets.example")


def send(*readers: str) -> list[str]:
    """Queue one mail for each and let the courier go once; answers the states."""
    for to in readers:
        post("mail_test", to, "zh-Hant", VALUES)
    carry()
    return [row.state for row in Mail.select().order_by(Mail.id)]


def test_plain_on_loopback_one_conversation_for_all(tmp_path: Path) -> None:
    with Sink() as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        assert send("alice@acme.example", "bob@acme.example") == ["sent", "sent"]
        assert carry() == 0
    assert [(sender, to) for sender, to, _ in sink.got] == [
        ("care@operator.example", ["alice@acme.example"]), ("care@operator.example", ["bob@acme.example"]),
    ]  # fmt: skip
    assert sink.conversations == 1
    assert [str(message["Subject"]) for message in sink.messages] == ["Assetcare 可以寄送郵件"] * 2
    assert "測試郵件" in sink.messages[0].get_content()


def test_starttls_and_a_password(tmp_path: Path, trusted: ssl.SSLContext) -> None:
    options = {"tls_context": trusted, "require_starttls": True, "auth_required": True}
    with Sink(authenticator=password_of("care@op", "p/w"), **options) as sink:
        use(f"smtp://care%40op:wrong@127.0.0.1:{sink.port}?starttls=yes", tmp_path)
        assert send("alice@acme.example") == ["queued"]
        assert "535" in Mail.get().error and "wrong" not in Mail.get().error
        use(f"smtp://care%40op:p%2Fw@127.0.0.1:{sink.port}?starttls=yes", tmp_path)
        with clock.frozen(START + timedelta(hours=1)):
            assert send() == ["sent"]
    assert sink.secure == [True]


def test_tls_from_the_first_byte(tmp_path: Path, trusted: ssl.SSLContext) -> None:
    with Sink(ssl_context=trusted) as sink:
        use(f"smtps://127.0.0.1:{sink.port}", tmp_path)
        assert send("alice@acme.example") == ["sent"]


def test_a_server_without_tls_gets_nothing_where_tls_is_wanted(tmp_path: Path) -> None:
    """Or whoever sits in between and takes the offer out."""
    with Sink() as sink:
        use(f"smtp://127.0.0.1:{sink.port}?starttls=yes", tmp_path)
        assert send("alice@acme.example") == ["queued"]
    assert not sink.got and "STARTTLS" in Mail.get().error


@pytest.mark.parametrize("names", [("127.0.0.1",), ("mail.other.example",)], ids=["not trusted", "another name"])
def test_a_certificate_that_does_not_prove_the_name_gets_nothing(
    tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, context = certificate(tmp_path, *names)
    if "mail.other.example" in names:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with Sink(tls_context=context) as sink:
        use(f"smtp://127.0.0.1:{sink.port}?starttls=yes", tmp_path)
        assert send("alice@acme.example") == ["queued"]
    assert not sink.got and "CERTIFICATE_VERIFY_FAILED" in Mail.get().error


def test_who_is_refused_for_good_is_parked_and_the_others_get_theirs(tmp_path: Path) -> None:
    def rcpt(to: str) -> str | None:
        return "550 5.1.1 no such user" if to.startswith("nobody") else None

    with Sink(rcpt, lambda to: "554 5.6.0 looks bad" if to.startswith("bad") else None) as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        states = send("nobody@acme.example", "bad@acme.example", "alice@acme.example")
    assert states == ["parked", "parked", "sent"]
    assert [row.error for row in Mail.select().order_by(Mail.id)][:2] == [
        "550 5.1.1 no such user",
        "554 5.6.0 looks bad",
    ]
    assert [to for _, to, _ in sink.got] == [["alice@acme.example"]]


def test_a_server_that_puts_off_gets_it_later_and_once(tmp_path: Path) -> None:
    tries: list[str] = []

    def greylist(to: str) -> str | None:
        tries.append(to)
        return "451 4.7.1 come back later" if len(tries) < 3 else None

    with Sink(greylist) as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        assert send("alice@acme.example") == ["queued"]
        assert send() == ["queued"] and len(tries) == 1, "not before its time"
        for hours in (1, 2, 3):
            with clock.frozen(START + timedelta(hours=hours)):
                carry()
    assert (len(tries), len(sink.got), Mail.get().state) == (3, 1, "sent")


def test_a_server_that_breaks_off_in_between_costs_nobody_his_mail(tmp_path: Path) -> None:
    broken: list[str] = []

    def data(to: str) -> str | None:
        if to.startswith("alice") and not broken:
            broken.append(to)
            return "421 4.3.2 shutting down"
        return None

    with Sink(None, data) as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        assert send("alice@acme.example", "bob@acme.example") == ["queued", "sent"]
        with clock.frozen(START + timedelta(hours=1)):
            assert send() == ["sent", "sent"]
    assert sorted(to[0] for _, to, _ in sink.got) == ["alice@acme.example", "bob@acme.example"]


def test_a_silent_server_is_given_up_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_transport, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(f"smtp://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
        assert send("alice@acme.example") == ["queued"]
    assert "timed out" in Mail.get().error


def test_no_server_at_all(tmp_path: Path) -> None:
    use(f"smtp://127.0.0.1:{free_port()}", tmp_path)
    assert send("alice@acme.example") == ["queued"]
    assert "refused" in Mail.get().error.lower()


@pytest.mark.parametrize("able", [True, False])
def test_an_address_in_chinese_needs_a_server_that_speaks_it(tmp_path: Path, able: bool) -> None:
    with Sink(enable_SMTPUTF8=able) as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        assert send("王@例子.example", "bob@bücher.example") == ["sent" if able else "parked", "sent"]
    assert sink.got[-1][1] == ["bob@xn--bcher-kva.example"]
    assert len(sink.got) == 1 + able


def test_the_operator_tries_it_out(tmp_path: Path) -> None:
    from registry.notices.texts import send_test

    with Sink() as sink:
        use(f"smtp://127.0.0.1:{sink.port}", tmp_path)
        message_id = send_test("alice@acme.example", "en")
    assert sink.messages[0]["Message-ID"] == message_id
    assert Mail.select().count() == 0
    with pytest.raises(OSError):
        send_test("alice@acme.example", "en")
