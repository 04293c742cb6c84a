"""A real SMTP server for tests: it keeps what it is given, or refuses, or says nothing, as it is told."""

import datetime as dt
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.server import free_port

Reply = Callable[[str], str | None]


class Sink:
    """`rcpt` and `data` may answer a line in place of accepting; each takes the recipient's address."""

    def __init__(self, rcpt: Reply | None = None, data: Reply | None = None, **options: Any) -> None:
        self.rcpt, self.data = rcpt or (lambda _to: None), data or (lambda _to: None)
        self.got: list[tuple[str, list[str], bytes]] = []
        self.secure: list[bool] = []
        self.conversations = 0
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.got]  # type: ignore[misc]

    async def handle_EHLO(
        self, server: Any, session: Any, _envelope: Any, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.conversations += 1
        return lines

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        refusal = self.rcpt(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        refusal = self.data(envelope.rcpt_tos[0])
        if refusal is None:
            self.got.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
            self.secure.append(session.ssl is not None)
        return refusal or "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def password_of(user: str, password: str) -> Callable[..., AuthResult]:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
        known = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return check


def certificate(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own making for these names: the file to trust, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    subjects: list[x509.GeneralName] = [
        x509.DNSName(n) if n[0].isalpha() else x509.IPAddress(ip_address(n)) for n in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, private = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return pem, context
