"""Files: in a folder or in an S3 store, under keys of our own making. A file is there whole or not at all.

A key is customer/<id>/<32 hex digits> (house/<32 hex digits> for the operator's own): names that people gave are
columns of rows, never part of a path, and what belongs to a customer is found by its beginning.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from registry.kernel.errors import Busy, NotFound, TooLarge

PIECE = 1024 * 1024
PART = 16 * PIECE  # of an upload to S3: held in memory, the same size each time as some stores demand
MOST_PARTS = 10_000
KEY = re.compile(r"(customer/[1-9][0-9]{0,18}|house)/[0-9a-f]{32}\Z")
PREFIX = re.compile(r"(customer/([1-9][0-9]{0,18}/)?|house/)?\Z")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put: its key, bytes, and SHA-256 as 64 hex digits."""

    key: str
    size: int
    sha256: str


class Store(Protocol):
    """`keys` are in order. `open` raises NotFound; `delete` is content when there is nothing. Busy: out of reach."""

    def put(self, key: str, stream: IO[bytes]) -> Kept: ...
    def open(self, key: str) -> IO[bytes]: ...
    def delete(self, key: str) -> None: ...
    def keys(self, prefix: str = "") -> Iterator[str]: ...
    def exists(self, key: str) -> bool: ...
    def local(self, key: str) -> Path | None:
        """Where it lies on this machine, for servers that hand out files themselves."""


def new_key(customer_id: int | None) -> str:
    """A key that nobody can guess: for one customer, or (None) for the house."""
    return f"{folder_of(customer_id)}{secrets.token_hex(16)}"


def folder_of(customer_id: int | None) -> str:
    """The beginning of all keys of one customer."""
    return f"customer/{customer_id}/" if customer_id else "house/"


def sound(key: str) -> str:
    if not KEY.match(key):
        raise ValueError(f"{key!r} is not a key of this store")
    return key


def sound_prefix(prefix: str) -> str:
    if not PREFIX.match(prefix):
        raise ValueError(f"{prefix!r} is not the beginning of a key: give customer/, customer/<id>/ or house/")
    return prefix


class FolderStore:
    """Files in a folder that only this account reads. Written beside, flushed to the disk, then moved into place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        target = self._path(key)
        drafts = self.root / "incoming"
        drafts.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = drafts / secrets.token_hex(16)
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                size, sha256 = copy_hashed(stream, file)
                file.flush()
                os.fsync(file.fileno())
            _move(draft, target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return Kept(key, size, sha256)

    def open(self, key: str) -> IO[bytes]:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("This file is not kept any more.") from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others are in it, or it is gone already
            path.parent.rmdir()

    def keys(self, prefix: str = "") -> Iterator[str]:
        base = self.root / sound_prefix(prefix)
        for folder, names, files in os.walk(base):
            names.sort()
            for name in sorted(files):
                key = (Path(folder) / name).relative_to(self.root).as_posix()
                if KEY.match(key):
                    yield key

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def local(self, key: str) -> Path | None:
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.root / sound(key)


def _move(draft: Path, target: Path) -> None:
    """Into its folder, which goes with its last file: perhaps just now."""
    for again in (True, True, False):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            draft.replace(target)
            flush_folder(target.parent)
        except FileNotFoundError:
            if not again:
                raise
        else:
            return


def copy_hashed(stream: IO[bytes], file: IO[bytes]) -> tuple[int, str]:
    """Copy to the end; answers how many bytes it was, and their SHA-256 in hex digits."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def flush_folder(folder: Path) -> None:
    """So that new names in it survive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3Store:
    """Files in a bucket. Large ones go up in parts, so that memory stays flat; a broken upload is taken back."""

    def __init__(self, bucket: str, *, endpoint: str | None, region: str | None) -> None:
        self.bucket = bucket
        self._client = _client(endpoint, region)

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        sound(key)
        digest = hashlib.sha256()
        first = _filled(stream, PART)
        digest.update(first)
        if len(first) < PART:
            self._call("put_object", Key=key, Body=first)
            return Kept(key, len(first), digest.hexdigest())
        upload = self._call("create_multipart_upload", Key=key)["UploadId"]
        try:
            size, parts = self._send_parts(key, upload, first, stream, digest)
            self._call("complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
        except BaseException:
            with suppress(Exception):  # the cause matters more than the tidying up
                self._call("abort_multipart_upload", Key=key, UploadId=upload)
            raise
        return Kept(key, size, digest.hexdigest())

    def _send_parts(
        self, key: str, upload: str, piece: bytes, stream: IO[bytes], digest: Any
    ) -> tuple[int, list[dict[str, Any]]]:
        size = 0
        parts: list[dict[str, Any]] = []
        while piece:
            number = len(parts) + 1
            if number > MOST_PARTS:
                raise TooLarge("The store takes files of up to 156 GiB.")
            sent = self._call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=piece)
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
            size += len(piece)
            piece = _filled(stream, PART)
            digest.update(piece)
        return size, parts

    def open(self, key: str) -> IO[bytes]:
        body: IO[bytes] = self._call("get_object", Key=sound(key))["Body"]
        return body

    def delete(self, key: str) -> None:
        self._call("delete_object", Key=sound(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            found = self._call("list_objects_v2", Prefix=sound_prefix(prefix), **more)
            yield from (one["Key"] for one in found.get("Contents", ()) if KEY.match(one["Key"]))
            if not found.get("IsTruncated"):
                return
            more = {"ContinuationToken": found["NextContinuationToken"]}

    def exists(self, key: str) -> bool:
        try:
            self._call("head_object", Key=sound(key))
        except NotFound:
            return False
        return True

    def local(self, key: str) -> Path | None:
        return None

    def _call(self, name: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, name)(Bucket=self.bucket, **arguments)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404 and "Key" in arguments:
                raise NotFound("This file is not kept any more.") from None
            raise out_of_reach(error) from error
        except BotoCoreError as error:
            raise out_of_reach(error) from error


def out_of_reach(error: BaseException) -> Busy:
    return Busy(f"The file store (ASSETCARE_STORAGE) refuses or does not answer: {type(error).__name__}.")


def _filled(stream: IO[bytes], size: int) -> bytes:
    """So many bytes, unless the stream ends before: one read may bring less."""
    pieces, missing = [], size
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _client(endpoint: str | None, region: str | None) -> Any:
    """Credentials come from where every AWS tool takes them: AWS_ACCESS_KEY_ID, a profile, an instance's role."""
    import boto3  # takes half a second to load, and a folder needs none of it
    from botocore.config import Config

    chosen = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        # Other stores than Amazon's refuse the checksum trailers that are the default.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=10,
        read_timeout=60,
    )
    session = boto3.session.Session()  # the shared one would keep the first credentials it has seen
    return session.client("s3", endpoint_url=endpoint, region_name=region or "us-east-1", config=chosen)


OWN = ("file", "s3")  # schemes
# Asked first: choose(url) -> a store, or None. Those of plugins.
CHOOSERS: list[Callable[[str], Store | None]] = []


def open_store(url: str) -> Store:
    """The store at file:///PATH or s3://BUCKET?endpoint=URL&region=NAME, or one that somebody else brings. Raises
    ValueError naming the variable."""
    for choose in CHOOSERS:
        if (found := choose(url)) is not None:
            return found
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return FolderStore(Path(unquote(parts.path)))
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "s3" and parts.netloc and not given.keys() - {"endpoint", "region"}:
        return S3Store(parts.netloc, endpoint=given.get("endpoint"), region=given.get("region"))
    raise ValueError("ASSETCARE_STORAGE must be file:///PATH or s3://BUCKET?endpoint=URL&region=NAME")


def goes_there_and_back(size: int) -> bool:
    """Whether a file of so many bytes comes back from the store as it was. Raises what the store does."""
    key, text = new_key(None), os.urandom(size)
    store().put(key, BytesIO(text))
    try:
        with store().open(key) as stream:
            return stream.read() == text
    finally:
        store().delete(key)


_chosen: list[str] = []
_opened: list[Store] = []


def use(url: str) -> None:
    """Called once by open_house: from now on `store()` is the one at `url`, opened when it is first asked for; at once
    where it is not our own, so that a wrong one is told at start. Raises ValueError."""
    _chosen[:] = [url]
    _opened.clear()
    if urlsplit(url).scheme not in OWN:
        store()


def store() -> Store:
    if not _chosen:
        raise RuntimeError("there is no file store yet: open_house calls files.use()")
    if not _opened:
        _opened.append(open_store(_chosen[0]))
    return _opened[0]
