"""How a mail leaves the house: through an SMTP server, or as a file in a folder that nobody but the owner reads."""

import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from registry.kernel.phrases import one_line

SECONDS = 20  # for each step of the conversation with the server
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,64}\Z")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z")


class Refused(Exception):
    """Never, says the server (or the address): to try again would not help."""


class Transport(Protocol):
    def send(self, message: EmailMessage, sender: str, to: str) -> None:
        """Raises Refused for good; any other error means: try again later."""

    def greet(self) -> None:
        """Find out whether mail could go this way now. Raises what sending would."""

    def close(self) -> None: ...


def wire_address(text: str) -> str:
    """The address as servers exchange it, its domain in ASCII (IDNA). Raises Refused for what is no address.

    A domain that IDNA 2003 would silently turn into another one (ß to ss) is refused: it may belong to somebody else.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode().lower()
        same = ascii_domain.encode().decode("idna").lower() == domain.lower() or ascii_domain == domain.lower()
    except UnicodeError:
        ascii_domain, same = "", False
    if not (same and _LOCAL.match(local) and _DOMAIN.match(ascii_domain)) or local.startswith(".") or ".." in local:
        raise Refused(f"{one_line(text)[:100]!r} is no address that mail can be sent to")
    return f"{local}@{ascii_domain}"


def sender_of(text: str, public_url: str) -> Address:
    """ASSETCARE_MAIL_FROM (an address, or Name <address>); without it assetcare@ the public address."""
    if not text:
        host = urlsplit(public_url).hostname or ""
        return Address("Assetcare", "assetcare", host if _DOMAIN.match(host) and not is_address(host) else "localhost")
    found = _NAMED.match(text.strip())
    try:
        local, _, domain = wire_address(found["address"] if found else text).rpartition("@")
        return Address(one_line(found["name"]).strip('"') if found else "", local, domain)
    except (Refused, ValueError):
        raise ValueError(f"ASSETCARE_MAIL_FROM: {text!r} is no sender, write an address or Name <address>") from None


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out. `unsubscribe`: where the reader, or his mail program by one POST, says that he wants no more."""

    message_id: str
    to: str
    subject: str
    body: str
    language: str
    at: datetime
    unsubscribe: str | None = None


def compose(letter: Letter, sender: Address) -> EmailMessage:
    """A message in plain text: what is announced needs no pictures, and text cannot carry a script or a tracker."""
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit", refold_source="none"))
    message["From"] = sender
    local, _, domain = wire_address(letter.to).rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    message.set_raw("Subject", _on_the_wire(one_line(letter.subject)))
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.unsubscribe:
        _say_how_to_unsubscribe(message, letter.unsubscribe)
    message.set_content(letter.body)
    message["Content-Language"] = letter.language
    return message


def _on_the_wire(subject: str) -> str:
    """Encoded by the older of Python's two ways: EmailMessage's own loses a blank where it breaks before one."""
    if subject.isascii() and "=?" not in subject:
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _say_how_to_unsubscribe(message: EmailMessage, address: str) -> None:
    """RFC 2369, and by one click RFC 8058, which takes https. Put in as it is: a long address must not be encoded."""
    message.set_raw("List-Unsubscribe", f"<{address}>")
    if address.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


class Folder:
    """Writes each mail as a file: for trying out, and where another program takes mail away."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: EmailMessage, sender: str, to: str) -> None:
        """Under a name made of the message's id, so that a mail sent twice is one file."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = re.sub(r"[^A-Za-z0-9.-]", "", message["Message-ID"].partition("@")[0])
        draft = self.path / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(message.as_bytes())
        draft.replace(self.path / f"{name}.eml")

    def greet(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Server:
    """smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS from the first byte."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    user: str = ""
    password: str = ""

    @classmethod
    def at(cls, url: str) -> "Server":
        """Raises ValueError, without the password, for an address that cannot be used."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
            wanted = parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            host, port, wanted = "", None, {}
        starttls = wanted.pop("starttls", ["no" if is_loopback(host) else "yes"])
        if not host or parts.scheme not in ("smtp", "smtps") or wanted or starttls not in (["yes"], ["no"]):
            raise ValueError("ASSETCARE_SMTP: write smtp://USER:PASSWORD@HOST:587 or smtps://..., and ?starttls=yes|no")
        if parts.scheme == "smtps":
            return cls(host, port or 465, "implicit", unquote(parts.username or ""), unquote(parts.password or ""))
        tls: Literal["starttls", "none"] = "starttls" if starttls == ["yes"] else "none"
        if tls == "none" and parts.username and not is_loopback(host):
            raise ValueError("ASSETCARE_SMTP: a password is never sent without TLS; leave starttls=no or the user out")
        return cls(host, port or 587, tls, unquote(parts.username or ""), unquote(parts.password or ""))


def is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host) and ip_address(host).is_loopback)


class Smtp:
    """One conversation with a server, opened when the first mail wants to go."""

    def __init__(self, server: Server, *, name: str) -> None:
        self.server, self.name = server, name
        self._client: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, sender: str, to: str) -> None:
        # Outside of what follows: a server that does not offer TLS is no reason to give a mail up for good.
        client = self._client = self._client or self._opened()
        try:
            client.send_message(message, from_addr=sender, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            _raise_final(error, *error.recipients[to])
        except smtplib.SMTPDataError as error:
            _raise_final(error, error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(str(error)) from error
        except (OSError, smtplib.SMTPException):
            client.close()
            raise
        finally:
            # After 421 smtplib hangs up by itself: the next mail gets a conversation of its own.
            if client.sock is None:
                self._client = None

    def _opened(self) -> smtplib.SMTP:
        server, context = self.server, ssl.create_default_context()
        client: smtplib.SMTP
        if server.tls == "implicit":
            client = smtplib.SMTP_SSL(server.host, server.port, self.name, timeout=SECONDS, context=context)
        else:
            client = smtplib.SMTP(server.host, server.port, self.name, timeout=SECONDS)
        try:
            if server.tls == "starttls":
                client.starttls(context=context)  # raises when the server does not offer it
            client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def greet(self) -> None:
        self._client = self._client or self._opened()

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.quit()
            except (OSError, smtplib.SMTPException):
                client.close()


def _raise_final(error: Exception, code: int, text: Any) -> None:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    told = f"{code} {one_line(said)}"
    raise (Refused(told) if 500 <= code < 600 else smtplib.SMTPException(told)) from error
