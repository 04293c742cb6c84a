"""Which addresses of those that people typed may be called at all.

Socket addresses are judged, never texts: however an address is written, it comes to the same numbers. Every address
that a name has must be fit.
"""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from registry.kernel.language import _

LOOKUP_SECONDS = 3.0
MOST_ADDRESSES = 4
LONGEST_URL = 2000
PORTS = (80, 443)  # and every one from 1024 on

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[tuple[int, Any]]]  # (host, port) -> [(family, socket address)]

# What is no public web server, by the registries of special addresses, and what clouds keep for themselves.
_SPECIAL_4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
    "168.63.129.16/32",  # a cloud's own service to its machines, in the middle of public space
)  # fmt: skip
_SPECIAL_6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # Teredo, documentation, 6to4
_PUBLIC_6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL: tuple[Network, ...] = tuple(ipaddress.ip_network(text) for text in (*_SPECIAL_4, *_SPECIAL_6))

_allowed: tuple[Network, ...] = ()


class Refused(ValueError):
    """This address is not called. The message is for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A web address, taken apart once: what is looked up is what is called."""

    secure: bool
    host: str
    port: int
    path: str


def use(allow: Iterable[str]) -> None:
    """Networks that may be called although they are not public (CIDR). Raises ValueError naming the setting."""
    global _allowed
    _allowed = networks(allow)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise ValueError(f"ASSETCARE_OUTGOING_ALLOW: {error}. Give networks such as 10.20.0.0/16.") from None


_PLAIN = re.compile(r"[!-~]+")  # visible ASCII: other scripts in their xn-- form
_HOST = re.compile(r"[0-9A-Za-z._:-]+")


def parse(url: str) -> Target:
    """Take a web address apart. Raises Refused with what is wrong about its text."""
    if len(url) > LONGEST_URL or not _PLAIN.fullmatch(url) or "\\" in url:
        raise Refused(
            _(
                "Write the address in at most %(longest_url)s plain characters, other scripts in their xn-- form.",
                longest_url=LONGEST_URL,
            )
        )
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
    except ValueError:
        raise Refused(_("This is not a web address.")) from None
    if parts.scheme not in ("http", "https"):
        raise Refused(_("Give an address that begins with https:// or http://."))
    if "@" in parts.netloc:
        raise Refused(_("Leave name and password out of the address."))
    if not _HOST.fullmatch(host) or parts.fragment:
        raise Refused(_("This is not the address of a web server."))
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if port not in PORTS and port < 1024:
        raise Refused(_("Use port 80, 443, or one from 1024 on."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", host, port, path)


def permitted(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether this address is a public one, or in a network that the operator has allowed."""
    plain = _inner(address)
    if any(plain in network for network in allowed):
        return True
    if any(plain in network for network in _SPECIAL):
        return False
    return plain.is_global if plain.version == 4 else plain in _PUBLIC_6


def _inner(address: Address) -> Address:
    """The IPv4 address within an IPv6 one that does no more than carry it."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def judged(
    target: Target, *, allow: Iterable[Network] | None = None, resolve: Resolver | None = None
) -> list[tuple[int, Any]]:
    """(family, socket address) of every address behind the target. Raises Refused unless all of them are fit.

    A name that cannot be looked up is refused in the same words: whether an inside name exists is nobody's business.
    """
    allowed = _allowed if allow is None else tuple(allow)
    try:
        found = list(dict.fromkeys((resolve or _looked_up)(target.host, target.port)))
    except (OSError, UnicodeError):
        found = []
    if not found or not all(_fit(family, place, allowed) for family, place in found):
        raise Refused(_("This address does not lead to a server on the public internet."))
    return found[:MOST_ADDRESSES]


def _fit(family: int, place: Any, allowed: Sequence[Network]) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    address = ipaddress.ip_address(place[0])
    if not permitted(address, allowed):
        return False
    return any(_inner(address) in network for network in allowed) or not _is_this_machine(family, place)


def _is_this_machine(family: int, place: Any) -> bool:
    """A public address may be our own, with services behind that a firewall keeps from everybody else.

    Connecting a datagram socket sends nothing: it only asks which address we would call from.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(place)
        except OSError:
            return False
        return bool(probe.getsockname()[0] == place[0])


def _looked_up(host: str, port: int) -> list[tuple[int, Any]]:
    """Every address of the name. Raises OSError when there is none, or no answer in time."""
    found: list[Any] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    # The library has no time limit, so a thread that nobody waits for does the waiting.
    thread = threading.Thread(target=look_up, name="lookup", daemon=True)
    thread.start()
    thread.join(LOOKUP_SECONDS)
    if not found:
        raise OSError("no such host")
    return [(int(family), place) for family, _type, _protocol, _name, place in list(found)]


def check(url: str) -> Target:
    """Judge an address that somebody has just typed. Raises Refused with a sentence for him."""
    target = parse(url)
    judged(target)
    return target
