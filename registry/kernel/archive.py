"""A backup as one file: a ZIP with the database (always SQLite), the files, and a manifest of what must be in it.

    manifest.json    format, version, migrations, audit heads; size and SHA-256 of every other entry
    manifest.mark    HMAC-SHA256 of the manifest, which only an installation with the same secret can make
    database.sqlite  files/<key>  imports/<name>  secret (only when asked for)

What comes back may have been in anybody's hands: nothing in it is believed before it was looked at.
"""

import hashlib
import hmac
import json
import os
import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from registry.kernel.errors import Problem
from registry.kernel.files import PIECE, copy_hashed

FORMAT = 1
DATABASE, SECRET, MANIFEST, MARK = "database.sqlite", "secret", "manifest.json", "manifest.mark"
LARGEST_MANIFEST = 512 << 20
# A file's key (kernel/files.py), or the name that an import file had in version 0.1. No dots that climb, no slashes.
NAME = re.compile(
    rf"{re.escape(DATABASE)}|{SECRET}|files/(customer/[1-9][0-9]{{0,18}}|house)/[0-9a-f]{{32}}(-e)?|imports/[0-9A-Za-z_-]{{1,128}}"
    r"(\.[0-9A-Za-z]{1,10})?"
)


class BadArchive(Problem):
    code = "bad_archive"


@dataclass
class Manifest:
    """`entries`: name -> [bytes, SHA-256]. `heads`: [chain, length, hash] of every audit chain. `broken`: [chain,
    fault] of those that did not verify when it was made; None when nobody looked."""

    version: str
    made_at: str
    engine: str
    migrations: list[str]
    heads: list[list[Any]]
    entries: dict[str, list[Any]] = field(default_factory=dict)
    files_elsewhere: bool = False  # in an S3 store, which has backups of its own
    gone: int = 0  # files that were deleted while the archive was made
    broken: list[list[Any]] | None = None

    def text(self) -> bytes:
        return json.dumps({"format": FORMAT, **self.__dict__}, indent=1, sort_keys=True).encode()

    @property
    def bytes(self) -> int:
        return sum(size for size, _ in self.entries.values())


# --- Writing -----------------------------------------------------------------------------------------------


class Writer:
    """Writes entries one by one, and the manifest last. Nobody but the owner can read the file."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", allowZip64=True)

    def add(self, name: str, stream: IO[bytes], *, pack: bool = False) -> None:
        """`pack`: make it smaller. Files that people keep mostly are already."""
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        info.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        info._compresslevel = 1  # type: ignore[attr-defined]  # open() takes none
        with self._zip.open(info, "w", force_zip64=True) as entry:
            self.manifest.entries[name] = [*copy_hashed(stream, entry)]

    def finish(self, key: bytes) -> None:
        text = self.manifest.text()
        self._zip.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)
        self._zip.writestr(MARK, mark(key, text))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        with suppress(Exception):  # what it was abandoned for may keep it from closing, too
            self._zip.close()
        self._file.close()
        self.path.unlink(missing_ok=True)


def mark(key: bytes, text: bytes) -> str:
    return hmac.new(key, text, hashlib.sha256).hexdigest()


# --- Reading -----------------------------------------------------------------------------------------------


@dataclass
class Archive:
    """An archive whose list of contents is sound; the contents themselves are checked as they are read."""

    packed: zipfile.ZipFile
    manifest: Manifest
    ours: bool  # whether the mark is this installation's
    digest: str  # SHA-256 of the manifest, and so of everything

    def read(self, name: str, target: IO[bytes] | None = None) -> None:
        """Read one entry whole, into `target` if given. Raises BadArchive when it is not what the manifest says."""
        size, wanted = self.manifest.entries[name]
        digest, seen = hashlib.sha256(), 0
        try:
            with self.packed.open(name) as entry:
                while piece := entry.read(PIECE):
                    seen += len(piece)
                    if seen > size:
                        break
                    digest.update(piece)
                    if target:
                        target.write(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise BadArchive(f"{name} is damaged: {error}") from None
        if seen != size or digest.hexdigest() != wanted:
            raise BadArchive(f"{name} is not what was saved: its size or checksum differs.")

    def extract(self, name: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
            self.read(name, target)
            target.flush()
            os.fsync(target.fileno())

    def names(self, beginning: str = "") -> list[str]:
        return sorted(name for name in self.manifest.entries if name.startswith(beginning))


@contextmanager
def opened(path: Path, key: bytes | None) -> Iterator[Archive]:
    """The archive at `path`, its list of contents checked. `key`: this installation's, to look at the mark."""
    try:
        with zipfile.ZipFile(path) as packed:
            _check_list(packed)
            text = _small(packed, MANIFEST)
            manifest = _manifest(text)
            _check_contents(packed, manifest)
            ours = key is not None and hmac.compare_digest(_small(packed, MARK), mark(key, text).encode())
            yield Archive(packed, manifest, ours, hashlib.sha256(text).hexdigest())
    except FileNotFoundError:
        raise BadArchive(f"There is no file {path}.") from None
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, zlib.error, EOFError) as error:
        raise BadArchive(f"{path} is not a backup, or damaged: {error}") from None


def _check_list(packed: zipfile.ZipFile) -> None:
    seen = set()
    for info in packed.infolist():
        name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
        if name not in (MANIFEST, MARK) and not NAME.fullmatch(name):
            raise BadArchive(f"The archive has an entry that does not belong into a backup: {name[:100]!r}.")
        if name in seen:
            raise BadArchive(f"The archive has {name} twice.")
        if kind not in (0, stat.S_IFREG) or info.flag_bits & 1:
            raise BadArchive(f"{name} is not a plain file.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadArchive(f"{name} is packed in a way that no backup is.")
        seen.add(name)
    for name in (MANIFEST, MARK, DATABASE):
        if name not in seen:
            raise BadArchive(f"The archive has no {name}.")


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as entry:
        text = entry.read(LARGEST_MANIFEST + 1)
    if len(text) > LARGEST_MANIFEST:
        raise BadArchive(f"{name} is too long.")
    return text


def _manifest(text: bytes) -> Manifest:
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise BadArchive("The archive was made by a version of Assetcare that this one does not know.")
        manifest = Manifest(**told)
        sound = all(
            type(size) is int and size >= 0 and re.fullmatch("[0-9a-f]{64}", digest)
            for size, digest in manifest.entries.values()
        )
        sound = sound and all(isinstance(name, str) for name in manifest.migrations)
        sound = sound and all([type(chain), type(fault)] == [int, str] for chain, fault in manifest.broken or ())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise BadArchive("The manifest cannot be read.")
    return manifest


def _check_contents(packed: zipfile.ZipFile, manifest: Manifest) -> None:
    there = {info.orig_filename: info.file_size for info in packed.infolist()}
    for name in (MANIFEST, MARK):
        del there[name]
    if there.keys() != manifest.entries.keys():
        odd = sorted(there.keys() ^ manifest.entries.keys())
        raise BadArchive(f"Archive and manifest do not tell of the same files: {', '.join(odd[:5])}")
    for name, size in there.items():
        if size != manifest.entries[name][0]:
            raise BadArchive(f"{name} is not what was saved: its size differs.")


def need_room(folder: Path, size: int) -> None:
    """Raises BadArchive unless `size` bytes fit."""
    if shutil.disk_usage(folder).free < size + (64 << 20):
        raise BadArchive(f"There is no room for {size >> 20} MB in {folder}.")
