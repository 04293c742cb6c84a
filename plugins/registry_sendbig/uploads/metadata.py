"""Upload-Metadata and names: what a client says about its file, and what of that can be believed.

A name is a column, never a path. What would make it lie in a list (text that runs the other way) or break a header is
taken out, so that what people see is what they get.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Mapping

from registry.sdk import Invalid, _

LONGEST = 255
MOST_KEYS = 32
_SEPARATORS = re.compile(r"[/\\]")
_KEY = re.compile(r"[!-+\--~]{1,64}\Z")  # ASCII without blanks and commas
_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")


def parse(header: str) -> dict[str, str]:
    """{key: text} of an Upload-Metadata header. Raises Invalid when it is not one."""
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _blank, encoded = pair.partition(" ")
        if not _KEY.match(key) or key in found or len(found) >= MOST_KEYS:
            raise _unreadable()
        found[key] = _text(encoded.strip())
    return found


def _text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise _unreadable() from None


def _unreadable() -> Invalid:
    text = _("Upload-Metadata must be pairs of a key and its Base64 value (UTF-8), separated by commas, each key once.")
    return Invalid(text, code="metadata")


def clean_name(text: str) -> str:
    """The last part of what may be a path, fit to be shown and saved; "file" when nothing is left."""
    name = _visible(_SEPARATORS.split(text)[-1]).strip(" .")
    return _shortened(name) or "file"


def clean_folder(path: str) -> str:
    """The folders of a relative path, without its last part: "" or "a/b"."""
    parts = (_visible(each).strip() for each in _SEPARATORS.split(path)[:-1])
    folder = "/".join(each for each in parts if each.strip("."))
    return folder if len(folder) <= LONGEST else folder[:LONGEST].rpartition("/")[0]


def clean_type(text: str) -> str:
    """What a client calls the type; "" unless it looks like one. Shown to nobody, and believed by nobody."""
    return text if re.fullmatch(r"[\w.+-]{1,48}/[\w.+-]{1,48}", text, re.ASCII) else ""


def _visible(text: str) -> str:
    return "".join(_drawn(unicodedata.normalize("NFC", text)))


def _drawn(text: str) -> Iterator[str]:
    for sign in text:
        kind = unicodedata.category(sign)
        if kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and sign not in "\u200c\u200d"):
            continue  # but joiners, without which some scripts and emoji read differently
        yield sign


def _shortened(name: str) -> str:
    """At most 255 characters and bytes that a file system takes, with the extension it had."""
    while len(name) > LONGEST or len(name.encode()) > LONGEST:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{extension}" if stem and len(extension) < 20 else name[:-1]
    return name


def sha256_of(said: Mapping[str, str]) -> str:
    """The SHA-256 that the sender says his file has, in lower case, or "". Raises Invalid for anything else."""
    given = said.get("sha256", "").strip()
    if given and not _SHA256.match(given):
        raise Invalid.field("sha256", _("Give the SHA-256 as 64 hexadecimal digits, or leave it out."))
    return given.lower()


def size_of(text: str, name: str = "Upload-Length") -> int:
    """A header's number of bytes. Raises Invalid."""
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise Invalid(_("%(name)s must be a number of bytes.", name=name), code="length")
    return int(text)
