"""Opening a package that came from somewhere: everything about it is checked before anything of it is believed."""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import orjson
from marshmallow import ValidationError

from registry.handover.packing import CHAIN_COLUMNS, FORMAT
from registry.handover.problems import refuse
from registry.kernel import audit, signing
from registry.kernel.errors import Invalid, Problem
from registry.kernel.language import _, quoted
from registry.kernel.shapes import Slug

MOST_PARTS = 1_000_000
MOST_BYTES = 1024**4
RATIO = 200  # no table packs better than that
RATIO_FROM = 64 * 1024**2
WHOLE = 256 * 1024**2  # of the parts that are held in memory: manifest, schema
LONGEST_LINE = 16 * 1024**2
PATH = re.compile(r"(README\.txt|schema\.json|manifest\.json|signature\.json|audit/(chain\.jsonl|proof\.py)|"
                  r"data/[a-z][a-z0-9_]*\.jsonl|csv/[a-z][a-z0-9_]*\.csv|files/[0-9]{6,12})\Z")  # fmt: skip
UNLISTED = {"manifest.json", "signature.json"}


class Unpacked:
    """A package that has been checked: `manifest`, and its parts as streams. Use as a context."""

    def __init__(self, path: Path, key: str | None = None) -> None:
        """`key`: the public key (hex) that must have signed it; without one, any that it names."""
        self.path, self._key = path, key
        self._file = path.open("rb")
        try:
            with _troubles():
                self._zip = zipfile.ZipFile(self._file)
                self._check_outside()
                self.manifest = self._manifest()
                self._check_parts()
                self.chain = self._check_chain()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Unpacked":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()  # whatever still reads from it

    # --- What is in it ---

    def has(self, part: str) -> bool:
        return part in self._sizes

    def open(self, part: str) -> IO[bytes]:
        return self._zip.open(part)

    def lines(self, part: str) -> Iterator[dict[str, Any]]:
        """The rows of a .jsonl file."""
        with _troubles(), self._zip.open(part) as stream:
            number = 0
            while data := stream.readline(LONGEST_LINE):
                number += 1
                if len(data) == LONGEST_LINE:
                    refuse(f"line {number} of {part} is longer than {LONGEST_LINE} bytes")
                row = orjson.loads(data)
                if not isinstance(row, dict):
                    refuse(f"line {number} of {part} is no object")
                yield row

    def slug(self, wanted: str | None = None) -> str:
        """The short name that the customer shall have: the one wanted, or the one he had. Raises Invalid."""
        found = wanted or str(self.manifest["customer"]["slug"])
        try:
            return str(Slug().deserialize(found))
        except ValidationError as error:
            raise Invalid.field(
                "slug",
                _(
                    "%(found)s cannot be a short name (--slug): %(messages)s",
                    found=quoted(found[:64]),
                    messages=error.messages[0],
                ),
            ) from None

    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    # --- Checks, from the outside in ---

    def _check_outside(self) -> None:
        """Sizes and names, before anything is unpacked."""
        infos = self._zip.infolist()
        total, packed = sum(info.file_size for info in infos), self.path.stat().st_size
        if len(infos) > MOST_PARTS or total > MOST_BYTES:
            refuse("it is larger than any package may be")
        if total > RATIO_FROM and total > packed * RATIO:
            refuse(f"it unpacks to {total // max(packed, 1)} times its size")
        self._sizes = {info.filename: info.file_size for info in infos}
        if len(self._sizes) != len(infos):
            refuse("a file is in it twice")
        for info in infos:
            if not PATH.match(info.filename):
                refuse(f"{info.filename[:100]!r} does not belong into a package")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                refuse(f"{info.filename} is packed in an unusual way")

    def _whole(self, part: str) -> bytes:
        if part not in self._sizes:
            refuse(f"{part} is missing")
        if self._sizes[part] > WHOLE:
            refuse(f"{part} is too large")
        return self._zip.read(part)

    def _manifest(self) -> dict[str, Any]:
        data = self._whole("manifest.json")
        manifest, seal = orjson.loads(data), orjson.loads(self._whole("signature.json"))
        if manifest.get("product") != "assetcare" or manifest.get("format") != FORMAT:
            refuse(f"it is of format {manifest.get('format')!r}; this version reads format {FORMAT}")
        if not signing.genuine(data, str(seal.get("signature")), str(seal.get("public_key"))):
            refuse("manifest.json is not what was signed")
        if seal["public_key"] != manifest["public_key"]:
            refuse("it is signed with another key than it names")
        if self._key and self._key.strip().lower() != manifest["public_key"]:
            refuse(f"it was signed with another key: {manifest['public_key']}")
        return manifest  # type: ignore[no-any-return]

    def _check_parts(self) -> None:
        listed = {file["path"]: file for file in self.manifest["files"]}
        if listed.keys() | UNLISTED != self._sizes.keys():
            strange = sorted((listed.keys() | UNLISTED) ^ self._sizes.keys())
            refuse(f"manifest.json and the files differ: {', '.join(strange[:5])}")
        for path, told in listed.items():
            digest, size = hashlib.sha256(), 0
            with self._zip.open(path) as stream:
                while piece := stream.read(1 << 20):
                    digest.update(piece)
                    size += len(piece)
            if (size, digest.hexdigest()) != (told["size"], told["sha256"]):
                refuse(f"{path} is not what manifest.json says")

    def _check_chain(self) -> tuple[int, str]:
        length, last = 0, audit.GENESIS
        for entry in self.lines("audit/chain.jsonl"):
            length += 1
            last = audit.digest(last, [entry[name] for name in CHAIN_COLUMNS])
            if (entry["seq"], entry["hash"]) != (length, last):
                refuse(f"entry {length} of its audit chain was changed")
        told = self.manifest["chain"]
        if (length, last) != (told["length"], told["head"]):
            refuse("its audit chain has another end than manifest.json says")
        return length, last


@contextmanager
def _troubles() -> Iterator[None]:
    """Whatever zipfile, zlib and orjson raise over a damaged file is one refusal."""
    try:
        yield
    except Problem:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError, AttributeError,
            NotImplementedError, RuntimeError, RecursionError) as error:  # fmt: skip
        refuse(" ".join(str(error).split())[:200] or type(error).__name__)
    except Exception as error:
        if type(error).__module__ != "zlib":
            raise
        refuse(str(error))
