"""The codes on labels: twelve random characters and a check character, of an alphabet that nobody misreads.

The thirteen characters, taken as numbers and weighted with the powers of 3, add up to nothing modulo 31. 31 is a prime
above the size of the alphabet and no two weights are the same, so that every single wrong character, every swap of two
characters wherever they stand, and every doubled character mistaken for another (AA for BB, ABA for CBC) is found.
Codes whose check character would be the thirty-first are never made.
"""

import re
import secrets

from registry.kernel.errors import Invalid
from registry.kernel.language import _

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O, 1 I L, and U, which a worn label makes a V
RANDOM, LENGTH = 12, 13
PRIME, ROOT = 31, 3
WEIGHTS = tuple(pow(ROOT, place, PRIME) for place in range(LENGTH))
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_INVERSE = pow(WEIGHTS[-1], -1, PRIME)
_GROUPS = (slice(0, 4), slice(4, 8), slice(8, 13))
# What a scanner reads from one of our labels. Of which host does not matter: it may have had another name once.
_ADDRESS = re.compile(r"https?://[^/\s?#]{1,255}/L/([0-9A-Z -]{1,40})/?\Z", re.I)


def new_code() -> str:
    """A code that nobody can guess: 58.8 random bits."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _place in range(RANDOM))
        if check := check_of(body):
            return body + check


def check_of(body: str) -> str | None:
    """The check character of twelve characters; None where there is none."""
    total = sum(weight * _VALUES[char] for weight, char in zip(WEIGHTS, body, strict=False))
    value = -total * _INVERSE % PRIME
    return ALPHABET[value] if value < len(ALPHABET) else None


def is_sound(code: str) -> bool:
    """Whether these are thirteen characters of the alphabet whose check character is right."""
    if len(code) != LENGTH or not set(code) <= _VALUES.keys():
        return False
    return sum(weight * _VALUES[char] for weight, char in zip(WEIGHTS, code, strict=True)) % PRIME == 0


def read(text: str) -> str | None:
    """The code in what was typed or scanned: in either case, with blanks or dashes, alone or in one of our addresses.

    None for whatever is no sound code.
    """
    text = text.strip()
    if len(text) > 400:
        return None
    found = _ADDRESS.match(text)
    plain = re.sub(r"[\s-]", "", found[1] if found else text).upper()
    return plain if is_sound(plain) else None


def is_like_ours(text: str) -> bool:
    """Whether it looks as if it came from one of our labels, sound or not."""
    plain = re.sub(r"[\s-]", "", text).upper()
    return bool(_ADDRESS.match(text.strip())) or (len(plain) == LENGTH and set(plain) <= _VALUES.keys())


def grouped(code: str) -> str:
    """As people read it: 4KQF-79MN-ZT3XA."""
    return "-".join(code[part] for part in _GROUPS)


ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+./:-]+\Z")


def address(base: str, code: str) -> str:
    """What the QR code says: HTTPS://HOST/L/CODE. `base`: the public address of the installation.

    Capitals alone stay in the alphanumeric mode of QR codes, which takes a third less room. Raises Invalid for an
    address that has other characters than this mode knows.
    """
    made = f"{base}/L/{code}".upper()
    if not ALPHANUMERIC.match(made):
        raise Invalid.field(
            "address",
            _("Labels cannot carry the address %(base)s: use letters, digits, dots and hyphens in "
              "ASSETCARE_PUBLIC_URL.", base=base),
        )  # fmt: skip
    return made
