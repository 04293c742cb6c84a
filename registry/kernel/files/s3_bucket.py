"""A bucket as this program talks to it: what it answers, in our own words."""

import base64
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import urlsplit

import crc32c

from registry.kernel.errors import NotFound
from registry.kernel.files.names import PIECE, Bytes, out_of_reach

CONNECT_SECONDS, READ_SECONDS = 10, 60  # until a store that says nothing is asked again
GONE = ("NoSuchKey", "NoSuchUpload", "NotFound", "404")


class Bucket:
    def __init__(self, name: str, *, endpoint: str | None, region: str | None) -> None:
        self.name = name
        self.client = _client(endpoint, region)
        host = urlsplit(endpoint or "").hostname or ""
        self._amazon = not endpoint or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))

    def call(self, name: str, **arguments: Any) -> Any:
        """Raises NotFound for a key or an upload that is not there, Busy for all else."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self.client, name)(Bucket=self.name, **arguments)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in GONE and "Key" in arguments:
                raise NotFound("This file is not kept any more.") from None
            raise out_of_reach(error) from error
        except BotoCoreError as error:
            raise out_of_reach(error) from error

    def fetch(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The pieces of a range. Raises NotFound and Busy."""
        if length is not None and length <= 0:
            return
        end = "" if length is None else start + length - 1
        body = self.call("get_object", Key=key, **({"Range": f"bytes={start}-{end}"} if start or end != "" else {}))[
            "Body"
        ]
        yield from read_through(body)

    def send_part(self, key: str, upload: str, number: int, body: IO[bytes] | bytes, crc: int | None) -> dict[str, Any]:
        """Answers what complete() has to be told of it. `crc`: the server refuses other bytes than these."""
        checked = {} if crc is None else {"ChecksumCRC32C": as_text(crc)}
        sent = self.call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=body, **checked)
        return told_of(number, sent)

    def complete(self, key: str, upload: str, parts: list[dict[str, Any]]) -> None:
        self.call("complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": parts})

    def put(self, key: str, body: IO[bytes] | bytes, crc: int) -> None:
        self.call("put_object", Key=key, Body=body, ChecksumCRC32C=as_text(crc))

    def begin(self, key: str, *, checked: bool) -> str:
        """`checked`: every part brings its CRC-32C. Amazon wants to be told so before; others compare it anyway, and
        would want to hear all of them again at the end without having listed them (SeaweedFS)."""
        algorithm = {"ChecksumAlgorithm": "CRC32C"} if checked and self._amazon else {}
        return str(self.call("create_multipart_upload", Key=key, **algorithm)["UploadId"])

    def pages(self, name: str, found: str, marks: dict[str, str], **arguments: Any) -> Iterator[dict[str, Any]]:
        """Items of a list that comes in pages. `marks`: what the next question says, and where the answer tells it."""
        more: dict[str, Any] = {}
        while True:
            page = self.call(name, **arguments, **more)
            yield from page.get(found, ())
            more = {asked: page[told] for asked, told in marks.items() if page.get(told) not in (None, "")}
            if not page.get("IsTruncated") or not more:
                return

    def objects(self, prefix: str) -> Iterator[dict[str, Any]]:
        return self.pages("list_objects_v2", "Contents", {"ContinuationToken": "NextContinuationToken"}, Prefix=prefix)

    def uploads(self) -> Iterator[dict[str, Any]]:
        marks = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}
        return self.pages("list_multipart_uploads", "Uploads", marks)

    def parts(self, key: str, upload: str) -> dict[int, list[dict[str, Any]]]:
        """What was sent under each number, the newest first as far as seconds tell: SeaweedFS keeps on listing what
        was replaced."""
        found: dict[int, list[dict[str, Any]]] = {}
        marks = {"PartNumberMarker": "NextPartNumberMarker"}
        for part in self.pages("list_parts", "Parts", marks, Key=key, UploadId=upload):
            found.setdefault(part["PartNumber"], []).append(part)
        for several in found.values():
            several.sort(key=lambda part: part["LastModified"], reverse=True)
        return found


def told_of(number: int, part: dict[str, Any]) -> dict[str, Any]:
    checked = {name: part[name] for name in ("ChecksumCRC32C",) if part.get(name)}
    return {"PartNumber": number, "ETag": part["ETag"], **checked}


def as_text(crc: int) -> str:
    return base64.b64encode(crc.to_bytes(4)).decode()


def crc_of(piece: Bytes, before: int = 0) -> int:
    return int(crc32c.crc32c(piece, before))


def read_through(body: Any) -> Iterator[bytes]:
    from botocore.exceptions import BotoCoreError
    from urllib3.exceptions import HTTPError

    try:
        while piece := body.read(PIECE):
            yield piece
    except (BotoCoreError, HTTPError) as error:
        raise out_of_reach(error) from error
    finally:
        body.close()


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
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=32,
    )
    session = boto3.session.Session()  # the shared one would keep the first credentials it has seen
    return session.client("s3", endpoint_url=endpoint, region_name=region or "us-east-1", config=chosen)
