"""Passwords: argon2id with the parameters OWASP asks for (19 MiB, two passes, one lane)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.kernel.errors import Invalid
from registry.kernel.shapes import LINE

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
SHORTEST, LONGEST_BYTES = 8, 1024
_nobody: list[str] = []


def hash_password(password: str, *, context: tuple[str, ...] = ()) -> str:
    """Argon2id hash, or Invalid naming what is wrong. `context`: words it must not simply repeat (e-mail, name)."""
    if len(password) < SHORTEST:
        raise Invalid.field("password", f"Use at least {SHORTEST} characters; 15 and more are better.")
    if not LINE.match(password):
        raise Invalid.field("password", "Take out the control characters.")
    if len(password.encode()) > LONGEST_BYTES:
        raise Invalid.field("password", f"Use at most {LONGEST_BYTES} bytes.")
    if len(set(password)) < 4 or password.lower() in {word.lower() for word in context}:
        raise Invalid.field("password", "This is too easy to guess; choose something longer and less regular.")
    return _hasher.hash(password)


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
