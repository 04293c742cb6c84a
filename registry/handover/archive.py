"""The zip of a package, written as a stream: each part once, with its checksum, in an order that never changes."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip's own clock: two packages of the same rows are the same bytes


class Part:
    """One file inside of the zip while it is written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Archive:
    """Writes a package. `parts` tells of every file so far: [{path, size, sha256}]."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.parts: list[dict[str, Any]] = []

    @contextmanager
    def part(self, path: str, *, listed: bool = True) -> Iterator[Part]:
        about = zipfile.ZipInfo(path, EPOCH)
        about.compress_type = zipfile.ZIP_DEFLATED
        about.external_attr = 0o600 << 16
        with self._zip.open(about, "w", force_zip64=True) as stream:
            part = Part(stream)
            yield part
        if listed:
            self.parts.append({"path": path, "size": part.size, "sha256": part.sha256})

    def write(self, path: str, data: bytes, *, listed: bool = True) -> None:
        with self.part(path, listed=listed) as part:
            part.write(data)

    def close(self) -> None:
        self._zip.close()
