"""The guarded way out: what is not public is not called, however it is written, and nobody feels his way with it."""

import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.kernel import destinations, outgoing
from registry.kernel.destinations import Refused, judged, networks, parse, permitted
from registry.kernel.outgoing import Answer, send
from tests.receivers import Authority, Receiver, closed_port, receiver, speaking

HERE = networks(["127.0.0.0/8"])
SHORT = 0.1
NOWHERE = Answer("unreachable")


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def at(*addresses: str) -> destinations.Resolver:
    """A name service that knows one answer to everything."""

    def resolve(_host: str, port: int) -> list[tuple[int, Any]]:
        return [
            (socket.AF_INET6, (text, port, 0, 0)) if ":" in text else (socket.AF_INET, (text, port))
            for text in addresses
        ]

    return resolve


# --- Which addresses ---------------------------------------------------------------------------------------

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2400:cb00::1", "2a00:1450::1",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
)  # fmt: skip
SPECIAL = (
    "0.0.0.1", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.1.2.3", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
    "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fdff::1", "fe80::1", "febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1", "4000::1",
)  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_called(text: str) -> None:
    assert permitted(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", SPECIAL)
def test_special_addresses_may_not(text: str) -> None:
    assert not permitted(ipaddress.ip_address(text))


def test_an_allowed_network_is_allowed_in_every_form_and_nothing_beside_it() -> None:
    allowed = networks(["10.20.0.0/16", "fd00:1::/32"])
    for text in ("10.20.0.1", "::ffff:10.20.0.1", "64:ff9b::10.20.0.1", "fd00:1::5"):
        assert permitted(ipaddress.ip_address(text), allowed), text
    for text in ("10.21.0.1", "::ffff:10.21.0.1", "fd00:2::5", "127.0.0.1"):
        assert not permitted(ipaddress.ip_address(text), allowed), text


@pytest.mark.parametrize("text", ["10.0.0.1/8", "all", "10.0.0.0/33", "example.com"])
def test_a_wrong_network_names_the_setting(text: str) -> None:
    with pytest.raises(ValueError, match="ASSETCARE_OUTGOING_ALLOW"):
        outgoing.use([text])


# --- However they are written ------------------------------------------------------------------------------

ODD_HOSTS = (
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0",
    "127.000.000.001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "localhost", "localhost.", "LOCALHOST", "127.0.0.1.", "169.254.169.254", "2852039166",
    "0xa9fea9fe", "[fe80::1]", "no-such-name.invalid",
)  # fmt: skip


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_no_way_of_writing_it_leads_inside(server: Receiver, host: str) -> None:
    with pytest.raises(Refused, match="public internet|not a web address|not the address"):
        outgoing.check(f"http://{host}:{server.port}/")
    assert send("POST", f"http://{host}:{server.port}/", {}, b"x") == Answer("refused")
    assert not server.seen


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//127.0.0.1/", "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/", "javascript:alert(1)",
        "http:///x", "http://", "http://:80/", "http://user@1.1.1.1/", "http://user:pw@1.1.1.1/", "http://1.1.1.1@/",
        "http://1.1.1.1#@127.0.0.1/", "http://1.1.1.1/#x", "http://1.1.1.1\\@127.0.0.1/", "http://1.1.1.1 /",
        "http://1.1.1.1/ x", "http://1.1.1.1/\r\nHost: x", "http://1.1.1.1/\x00", "http://1.1.1.1/\t", "\thttp://1.1.1.1/",
        "http://１２７.0.0.1/", "http://ⓛocalhost/", "http://münchen.example/", "http://a。b/", "http://[::1/", "http://[x]/",
        "http://[fe80::1%25eth0]/", "http://1.1.1.1:0/", "http://1.1.1.1:22/", "http://1.1.1.1:25/",
        "http://1.1.1.1:65536/", "http://1.1.1.1:-1/", "http://1.1.1.1:x/", "http://a%2eb/", "http://a,b/",
        "http://a/" + "x" * 2000,
    ],
)  # fmt: skip
def test_texts_that_are_no_address_to_call(url: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(url)
    assert len(str(refused.value)) > 20 and send("POST", url, {}, b"") == Answer("refused")


def test_an_address_is_taken_apart_once() -> None:
    assert parse("https://Hooks.Example.com./a/b?c=d%20e") == destinations.Target(
        True, "hooks.example.com", 443, "/a/b?c=d%20e"
    )
    assert parse("http://[2606:4700::1]:8080") == destinations.Target(False, "2606:4700::1", 8080, "/")


def test_one_unfit_address_spoils_the_name() -> None:
    target = parse("https://hooks.example.com/")
    assert len(judged(target, resolve=at("8.8.8.8", "2606:4700::1"))) == 2
    for mixed in (("8.8.8.8", "10.0.0.1"), ("10.0.0.1", "8.8.8.8"), ("2606:4700::1", "::1"), ()):
        with pytest.raises(Refused):
            judged(target, resolve=at(*mixed))


def test_other_kinds_of_sockets_are_not_called() -> None:
    with pytest.raises(Refused):
        judged(parse("http://x.example/"), resolve=lambda _host, _port: [(socket.AF_UNIX, "/run/some.sock")])


def test_this_machine_is_not_called_by_its_public_address(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if loopback were public: the address is still our own."""
    monkeypatch.setattr(destinations, "permitted", lambda address, _allowed=(): True)
    assert send("POST", server.url, {}, b"x") == Answer("refused")
    assert send("POST", server.url, {}, b"x", allow=HERE).fine, "unless the operator has allowed it"


# --- The connection goes to what was judged ----------------------------------------------------------------


def test_the_name_is_looked_up_once(server: Receiver) -> None:
    """A name that answers otherwise the second time gets no second time."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[tuple[int, Any]]:
        asked.append(host)
        return at("127.0.0.1" if len(asked) == 1 else "127.0.0.2")(host, port)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_a, **_k: pytest.fail("looked up again"))
        answer = send("POST", f"http://hooks.example.com:{server.port}/x", {}, b"y", allow=HERE, resolve=rebinding)
    assert answer.status == 204 and asked == ["hooks.example.com"]
    assert server.seen[0].headers["host"] == f"hooks.example.com:{server.port}" and server.seen[0].path == "/x"


def test_the_next_address_is_tried_when_one_does_not_answer(server: Receiver) -> None:
    url = f"http://hooks.example.com:{server.port}/"
    assert send("POST", url, {}, b"", allow=HERE, resolve=at("127.0.0.3", "127.0.0.1")).fine


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers(server: Receiver, status: int) -> None:
    with receiver() as inside:
        server.answer = lambda _seen: (status, {"Location": inside.url}, b"")
        answer = send("POST", server.url, {}, b"x", allow=HERE)
        assert answer.status == status and not answer.fine and not inside.seen


def test_proxies_of_the_environment_are_not_used(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send("POST", server.url, {}, b"x", allow=HERE).fine
        assert not proxy.seen and len(server.seen) == 1


# --- What is said and what is heard ------------------------------------------------------------------------


def test_a_request_arrives_whole(server: Receiver) -> None:
    server.answer = lambda _seen: (200, {"Content-Type": "text/plain"}, b"thanks")
    answer = send("POST", f"{server.url}?a=b", {"X-Test": "yes"}, b"body \xff", allow=HERE)
    assert (answer.outcome, answer.status, answer.body) == ("answered", 200, b"thanks")
    assert answer.fine and answer.text == "answered 200" and answer.milliseconds is not None
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/hook?a=b", b"body \xff")
    assert seen.headers == {
        "host": f"127.0.0.1:{server.port}", "accept-encoding": "identity", "connection": "close", "content-length": "6",
        "x-test": "yes",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "x\r\n\r\nGET / HTTP/1.1"])
def test_no_header_smuggles_another(server: Receiver, value: str) -> None:
    with pytest.raises(ValueError):
        send("POST", server.url, {"X-Test": value}, b"", allow=HERE)
    with pytest.raises(ValueError):
        send("POST", server.url, {value: "x"}, b"", allow=HERE)
    with pytest.raises(ValueError):
        send(f"POST {value}", server.url, {}, b"", allow=HERE)
    assert not server.seen


def test_a_huge_body_is_read_no_further_than_the_limit() -> None:
    def flood(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            caller.sendall(b"x" * 65536)

    with speaking(flood) as (place, _):
        answer = send("POST", f"http://{place}/", {}, b"", allow=HERE)
    assert answer.fine and len(answer.body) == outgoing.MOST_BYTES


def test_a_small_body_that_unpacks_to_much_is_not_unpacked(server: Receiver) -> None:
    bomb = gzip.compress(b"0" * 20_000_000)
    server.answer = lambda _seen: (200, {"Content-Encoding": "gzip"}, bomb)
    assert send("POST", server.url, {}, b"", allow=HERE).body == bomb


DRIPS = {
    "says nothing": lambda caller: threading.Event().wait(30),
    "drips the status line": lambda caller: _drip(caller, b"HTTP/1.1 200 OK" + b" " * 1000),
    "drips headers": lambda caller: _drip(caller, b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1000),
    "continues for ever": lambda caller: _drip(caller, b"HTTP/1.1 100 Continue\r\n\r\n" * 200),
}


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _drip(caller: socket.socket, text: bytes, pause: float = 0.02) -> None:
    for at_ in range(len(text)):
        caller.sendall(text[at_ : at_ + 1])
        time.sleep(pause)


@pytest.mark.parametrize("how", DRIPS)
def test_time_is_up_for_all_of_it_together(how: str) -> None:
    with speaking(DRIPS[how]) as (place, _):  # type: ignore[arg-type]
        assert send("POST", f"http://{place}/", {}, b"", allow=HERE, seconds=SHORT) == NOWHERE


def test_a_body_that_drips_does_not_hold_us_either() -> None:
    def drip(caller: socket.socket) -> None:
        caller.recv(65536)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        _drip(caller, b"x" * 1000, 0.2)

    with speaking(drip) as (place, _):
        for seconds in (SHORT, 1, 10):  # in which the headers must have come, also on a busy machine
            answer = send("POST", f"http://{place}/", {}, b"", allow=HERE, seconds=seconds)
            if answer.fine:
                break
    assert answer.fine and len(answer.body) < 100


def test_a_handshake_that_never_ends_does_not_hold_us() -> None:
    with speaking(DRIPS["says nothing"]) as (place, calls):  # type: ignore[arg-type]
        assert send("POST", f"https://{place}/", {}, b"", allow=HERE, seconds=SHORT) == NOWHERE
        until(lambda: len(calls) > 0)


def test_a_name_service_that_does_not_answer_is_not_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    silent, waited = threading.Event(), threading.Event()

    def never(*_a: Any, **_k: Any) -> list[Any]:
        silent.wait(30)
        waited.set()
        return []

    monkeypatch.setattr(destinations, "LOOKUP_SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    with pytest.raises(Refused):
        outgoing.check("https://slow.example/")
    assert not waited.is_set()
    silent.set()


@pytest.mark.parametrize(
    "said",
    [b"", b"garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 99999 X\r\n\r\n", b"\x00" * 100,
     b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500, b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000, b"SSH-2.0-OpenSSH_9.2\r\n",
     b"+OK redis\r\n"],
)  # fmt: skip
def test_whoever_speaks_no_http_is_not_reachable_like_a_closed_port(said: bytes) -> None:
    """The same answer for a closed port, another service and a broken one: nothing to learn about what is there."""

    def speak(caller: socket.socket) -> None:
        caller.sendall(said)
        caller.shutdown(socket.SHUT_WR)
        caller.recv(65536)

    with speaking(speak) as (place, _):
        assert send("POST", f"http://{place}/", {}, b"", allow=HERE) == NOWHERE
    assert send("POST", f"http://127.0.0.1:{closed_port()}/", {}, b"", allow=HERE) == NOWHERE
    assert NOWHERE.text == "not reachable" and NOWHERE.milliseconds is None


# --- TLS ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The authority of the tests is one that this machine trusts."""
    outgoing.trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    yield authority
    outgoing.trust.cache_clear()


def test_tls_is_verified_for_the_name_though_the_connection_goes_to_an_address(trusted: Authority) -> None:
    names: list[str | None] = []
    context = trusted.server("hooks.example.com")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with receiver(context) as server:
        url = f"https://hooks.example.com:{server.port}/"
        assert send("POST", url, {}, b"x", allow=HERE, resolve=at("127.0.0.1")).fine
        assert names == ["hooks.example.com"] and server.seen[0].headers["host"].startswith("hooks.example.com:")
        other = f"https://other.example.com:{server.port}/"
        assert send("POST", other, {}, b"x", allow=HERE, resolve=at("127.0.0.1")) == NOWHERE
        assert send("POST", server.url, {}, b"x", allow=HERE) == NOWHERE, "the certificate is not for the address"
        assert len(server.seen) == 1
    with receiver(trusted.server("127.0.0.1")) as server:
        assert send("POST", server.url, {}, b"x", allow=HERE).fine, "this one is"


def test_expired_and_unknown_certificates_and_old_tls_are_refused(
    trusted: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(trusted.server("127.0.0.1", days=-1)) as server:
        assert send("POST", server.url, {}, b"x", allow=HERE) == NOWHERE and not server.seen
    with receiver(Authority(tmp_path).server("127.0.0.1")) as server:
        assert send("POST", server.url, {}, b"x", allow=HERE) == NOWHERE and not server.seen
    assert outgoing.trust().minimum_version >= ssl.TLSVersion.TLSv1_2
    assert outgoing.trust().verify_mode == ssl.CERT_REQUIRED and outgoing.trust().check_hostname


def test_no_thread_or_socket_is_left(server: Receiver) -> None:
    before = threading.active_count()
    for _ in range(20):
        assert send("POST", server.url, {}, b"x", allow=HERE).fine
    until(lambda: threading.active_count() <= before + 1)
