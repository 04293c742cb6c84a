"""What a browser shows that it has proved, or begun: a signed cookie for one link, and for nothing else."""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.sdk import Forbidden, Limit, _, check_password, clock, network_of, take, vault

HOURS = 12
OF_A_LINK = Limit(20, 900)
OF_A_NETWORK = Limit(40, 900)
UNKNOWN_LINKS = Limit(120, 3600)  # of one network


class Cookie(NamedTuple):
    name: str
    value: str
    seconds: int


def unknown_link(address: str | None) -> None:
    """Somebody came with a link that leads nowhere. Raises Throttled when he does so all the time."""
    take("sendbig link", network_of(address), UNKNOWN_LINKS, wait=False)


def prove(row: Any, password_hash: str, password: str, address: str | None) -> Cookie:
    """The cookie for whoever knows the password. `row`: of the link. Raises Forbidden, with the same words in the same
    time whatever is wrong, and Throttled; a try is counted before it is looked at. Outside of a transaction."""
    take("sendbig password", str(row.token_hash), OF_A_LINK)
    take("sendbig password of", network_of(address), OF_A_NETWORK)
    if not check_password(password_hash or None, password):
        raise Forbidden(_("This is not the password."), code="wrong_password")
    until = int(clock.now().timestamp()) + HOURS * 3600
    return Cookie(_name("p", row), f"{until}.{_mark(row, password_hash, until)}", HOURS * 3600)


def proven(row: Any, password_hash: str, cookies: Mapping[str, str]) -> bool:
    """Whether the password has been proved lately, or there is none. Another password makes old proofs worthless."""
    if not password_hash:
        return True
    until, _dot, mark = cookies.get(_name("p", row), "").partition(".")
    if not (until.isdigit() and until.isascii() and len(until) < 12) or int(until) < clock.now().timestamp():
        return False
    return _same(mark, _mark(row, password_hash, int(until)))


def visit(row: Any, transfer_id: int) -> Cookie:
    """Whose transfer it is that somebody began by this request."""
    return Cookie(_name("v", row), f"{transfer_id}.{_visit(row, transfer_id)}", 30 * 86_400)


def visited(row: Any, cookies: Mapping[str, str]) -> int | None:
    """The id of the transfer that this browser began, or None."""
    number, _dot, mark = cookies.get(_name("v", row), "").partition(".")
    if not (number.isdigit() and number.isascii() and len(number) < 19) or not _same(mark, _visit(row, int(number))):
        return None
    return int(number)


def _name(kind: str, row: Any) -> str:
    return f"sendbig-{kind}-{row.token_hash[:16]}"


def _mark(row: Any, password_hash: str, until: int) -> str:
    return vault().mark("sendbig proof", f"{row.token_hash} {password_hash} {until}")


def _visit(row: Any, transfer_id: int) -> str:
    return vault().mark("sendbig visit", f"{row.token_hash} {transfer_id}")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())
