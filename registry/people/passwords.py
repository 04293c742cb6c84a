"""Passwords: argon2id with the parameters OWASP asks for (19 MiB, two passes, one lane); none that others try first."""

import re
from collections.abc import Callable, Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.shapes import LINE

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
SHORTEST, LONGEST_BYTES = 8, 1024
MOST_COMMON = 10_000
ALWAYS = ("assetcare", "asset", "password", "welcome")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_nobody: list[str] = []

WordSource = Callable[[Iterable[int]], Iterable[str]]
WORDS: list[WordSource] = []
"""What people at these customers (by id) would think of first: rooms that know more than this one add to it."""


def word_source(function: WordSource) -> WordSource:
    WORDS.append(function)
    return function


def hash_password(password: str, *, context: Iterable[str] = (), field: str = "password") -> str:
    """Argon2id hash, or Invalid naming `field` and what is wrong. `context`: texts that it must not be made of (the
    user's e-mail and name, his company's)."""
    if problem := _problem(password, context):
        raise Invalid.field(field, problem)
    return _hasher.hash(password)


def _problem(password: str, context: Iterable[str]) -> str | None:
    if len(password) < SHORTEST:
        return _("Use at least %(shortest)s characters; 15 and more are better.", shortest=SHORTEST)
    if not LINE.match(password):
        return _("Take out the control characters.")
    if len(password.encode()) > LONGEST_BYTES:
        return _("Use at most %(longest_bytes)s bytes.", longest_bytes=LONGEST_BYTES)
    if _is_common(password):
        return _("This is one of the passwords that are tried first; choose something longer and less usual.")
    if _is_made_of(password, context):
        return _(
            "This is too easy to guess: it says little more than your name, address or company. Choose other words."
        )
    return None


@cache
def common() -> frozenset[str]:
    """The passwords that are tried first. Read when the first password is set: most processes never need them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"][:MOST_COMMON])


def _is_common(password: str) -> bool:
    """Common as it stands, or but for a few digits and signs around it."""
    lower = password.lower()
    core = _EDGES.sub("", lower)
    return len(set(password)) < 4 or lower in common() or (core in common() and len(lower) - len(core) <= 6)


def _is_made_of(password: str, context: Iterable[str]) -> bool:
    """Whether fewer than four letters are left without the words of `context`, digits and signs."""
    found = {word for text in (*context, *ALWAYS) for word in (text.lower(), *re.split(r"[\W_]+", text.lower()))}
    rest = password.lower()
    left_out = False
    for word in sorted(found, key=len, reverse=True):
        if len(word) > 2 and word in rest:
            rest, left_out = rest.replace(word, " "), True
    return left_out and len(re.sub(r"[\W\d_]+", "", rest)) < 4


def check_password(stored: str | None, password: str) -> bool:
    """Compare in the same time whether the account exists or not."""
    if not _nobody:
        _nobody.append(_hasher.hash("nobody has this password"))
    if not LINE.match(password) or len(password.encode()) > LONGEST_BYTES:
        return False
    try:
        return _hasher.verify(stored or _nobody[0], password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def renewed(stored: str, password: str) -> str | None:
    """A hash of today's strength for one that was made weaker, of a password that has just proved right."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(stored) else None
