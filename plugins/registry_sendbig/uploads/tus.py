"""The tus protocol 1.0.0 (tus.io) over service.py and receiving.py: headers in, headers out.

core, creation, creation-with-upload, creation-defer-length, expiration, checksum, termination, concatenation. A refusal
is JSON with a sentence for people. HEAD answers 404 and 410 when there is nothing to go on with, 423 and 5xx when it is
worth asking again, and no other error: clients take any other for "begin anew".
"""

from collections.abc import Callable, Mapping
from email.utils import format_datetime
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, request, url_for

from registry.sdk import (
    N_,
    Actor,
    Invalid,
    Limit,
    NotFound,
    Problem,
    _,
    allow,
    body,
    by_address,
    fetch,
    json_response,
    me,
    network_of,
    public,
    take,
    vault,
)
from registry_sendbig.models import Release, Transfer, Upload
from registry_sendbig.places import house
from registry_sendbig.uploads import metadata, quotas, receiving
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.problems import Gone

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,concatenation"
BYTES = "application/offset+octet-stream"
ADDRESS = "/x/sendbig/flow/uploads/"
MOST_PARTS = 1000
BY_STRANGERS = Limit(600, 600)  # uploads begun from one network by whoever has a request's link
V = TypeVar("V", bound=Callable[..., Response])


class UnknownVersion(Problem):
    status, code = 412, "tus_version"
    message = N_("Send the header Tus-Resumable: 1.0.0.")


class NotBytes(Problem):
    status, code = 415, "content_type"
    message = N_("Send the bytes as Content-Type: application/offset+octet-stream.")


def spoken(view: V) -> V:
    """Every answer speaks tus, the errors, too."""

    @wraps(view)
    def answered(*args: Any, **values: Any) -> Response:
        try:
            response = view(*args, **values)
        except Problem as problem:
            response = told(problem)
        response.headers["Tus-Resumable"] = VERSION
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answered  # type: ignore[return-value]


def must_speak_tus() -> None:
    """Asked once it is known that whoever calls may know of the thing at all."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UnknownVersion(headers={"Tus-Version": VERSION})


def told(problem: Problem) -> Response:
    said = {"code": problem.code, "message": problem.message, "errors": problem.errors}
    if isinstance(problem, Invalid) and problem.errors:
        said["message"] = " ".join(text for texts in problem.errors.values() for text in texts)
    status = 400 if isinstance(problem, Invalid) else problem.status
    response = json_response(said, status)
    response.headers.update(problem.headers)
    return response  # type: ignore[return-value]


# --- What the server can do ---------------------------------------------------------------------------------


@house.route("/flow/transfers/<int:transfer_id>/files", methods=["OPTIONS"], provide_automatic_options=False)
@house.route("/flow/requests/<secret>/files", methods=["OPTIONS"], provide_automatic_options=False)
@house.route("/flow/releases/<int:release_id>/files", methods=["OPTIONS"], provide_automatic_options=False)
@house.route("/flow/uploads/<secret>", methods=["OPTIONS"], provide_automatic_options=False)
@by_address
def upload_options(**_values: Any) -> Response:
    return Response(status=204, headers={
        "Tus-Resumable": VERSION, "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(quotas.LARGEST), "Tus-Checksum-Algorithm": ",".join(receiving.ALGORITHMS),
    })  # fmt: skip


# --- Creation -----------------------------------------------------------------------------------------------


@house.post("/flow/transfers/<int:transfer_id>/files", provide_automatic_options=False)
@allow("sendbig.send")
@spoken
def upload_to_transfer(transfer_id: int) -> Response:
    return _created(me(), transfer=fetch(Transfer, me(), transfer_id))


@house.post("/flow/releases/<int:release_id>/files", provide_automatic_options=False)
@allow("sendbig.release")
@spoken
def upload_to_release(release_id: int) -> Response:
    return _created(me(), release=fetch(Release, me(), release_id))


@house.post("/flow/requests/<secret>/files", provide_automatic_options=False)
@public
@spoken
def upload_to_request(secret: str) -> Response:
    from registry_sendbig.requests import service as asking

    take("sendbig upload", network_of(request.remote_addr), BY_STRANGERS)
    asked = asking.by_secret(secret, request.remote_addr)
    transfer = asking.incoming(asked, request.cookies)
    return _created(asking.uploader(asked, transfer), transfer=transfer)


def _created(actor: Actor, **into: Any) -> Response:
    must_speak_tus()
    concat = request.headers.get("Upload-Concat", "")
    if concat.startswith("final;"):
        upload, secret = _joined(actor, concat, into)
        return _placed(upload, secret, None)
    if concat not in ("", "partial"):
        raise Invalid(_("Upload-Concat must be partial, or final; with the addresses of the parts."), code="concat")
    upload, secret = uploads.begin(actor, _wanted(_length()), partial=concat == "partial", **into)
    return _placed(upload, secret, _first_bytes(upload))


def _joined(actor: Actor, concat: str, into: Mapping[str, Any]) -> tuple[Upload, str]:
    if "Upload-Length" in request.headers:
        raise Invalid(_("Leave out Upload-Length: it is the sum of the parts."), code="length")
    addresses = concat.removeprefix("final;").split()
    if len(addresses) > MOST_PARTS:
        raise Invalid(_("A file is put together from 1000 parts at most."), code="concat")
    return uploads.join(actor, _wanted(None), [_secret_in(each) for each in addresses], concat, **into)


def _secret_in(address: str) -> str:
    """The last part of an address of ours, absolute or not."""
    try:
        path = urlsplit(address).path
    except ValueError:
        path = ""
    before, mark, secret = path.rpartition(ADDRESS)
    if not mark or "/" in secret:
        raise NotFound(_("One of the parts is not known here."))
    return secret


def _length() -> int | None:
    length, deferred = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (deferred is None) or deferred not in (None, "1"):
        raise Invalid(_("Send either Upload-Length, or Upload-Defer-Length: 1."), code="length")
    return None if length is None else metadata.size_of(length)


def _wanted(size: int | None) -> uploads.Wanted:
    header = request.headers.get("Upload-Metadata", "")
    said = metadata.parse(header)
    path = said.get("relativePath", "")
    name = said.get("filename") or said.get("name") or path
    return uploads.Wanted(
        metadata.clean_name(name), metadata.clean_folder(path), metadata.clean_type(said.get("filetype", "")), size,
        metadata.sha256_of(said), header,
        request.headers.get("Upload-Direct") == "1",
    )  # fmt: skip


def _first_bytes(upload: Upload) -> int | None:
    """Of creation-with-upload: where it stands then. Refused bytes, and a caller who went away, leave no upload, whose
    address nobody would hear."""
    if request.mimetype != BYTES:
        return None
    flow = body()
    if flow.length == 0 or upload.whole_at:
        return 0
    try:
        checksum = receiving.read_checksum(request.headers.get("Upload-Checksum", ""))
        stands = receiving.receive(upload, 0, flow, checksum=checksum)
        if flow.outcome == "cut":
            raise Gone()
    except Problem:
        uploads.end(upload)
        raise
    return stands


def _placed(upload: Upload, secret: str, stands: int | None) -> Response:
    response = Response(status=201)
    response.headers["Location"] = url_for("sendbig_house.upload_go_on", secret=secret)
    response.headers["Upload-Expires"] = _date(upload)
    _say_part_size(response, upload)
    if stands is not None:
        response.headers["Upload-Offset"] = str(stands)
    return response


def _say_part_size(response: Response, upload: Upload) -> None:
    if request.headers.get("Upload-Direct") == "1":
        from registry_sendbig.uploads import direct

        if (length := direct.part_size(upload)) is not None:
            response.headers["Upload-Part-Size"] = str(length)


def _date(upload: Upload) -> str:
    return format_datetime(upload.expires_at, usegmt=True)


# --- Going on -----------------------------------------------------------------------------------------------


@house.route("/flow/uploads/<secret>", methods=["HEAD"], provide_automatic_options=False)
@by_address
@spoken
def upload_state(secret: str) -> Response:
    must_speak_tus()
    upload = uploads.at(secret)
    response = Response(status=200)
    response.headers["Upload-Offset"] = str(receiving.offset(upload))
    response.headers["Upload-Expires"] = _date(upload)
    if upload.size is None:
        response.headers["Upload-Defer-Length"] = "1"
    else:
        response.headers["Upload-Length"] = str(upload.size)
    _say_part_size(response, upload)
    if upload.metadata:
        response.headers["Upload-Metadata"] = upload.metadata
    if upload.partial or upload.concat:
        response.headers["Upload-Concat"] = "partial" if upload.partial else vault().open(upload.concat)
    return response


@house.route("/flow/uploads/<secret>", methods=["PATCH", "POST", "DELETE"], provide_automatic_options=False)
@by_address
@spoken
def upload_go_on(secret: str) -> Response:
    must_speak_tus()
    method = request.method
    if method == "POST":  # for what lets no PATCH and DELETE through
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
    if method == "PATCH":
        return _patched(uploads.at(secret))
    if method == "DELETE":
        return _ended(uploads.at(secret))
    return upload_state(secret) if method == "HEAD" else _not_allowed()


def _patched(upload: Upload) -> Response:
    if request.mimetype != BYTES:
        raise NotBytes()
    begins = metadata.size_of(request.headers.get("Upload-Offset", ""), "Upload-Offset")
    length = request.headers.get("Upload-Length")
    stands = receiving.receive(
        upload, begins, body(), size=None if length is None else metadata.size_of(length),
        checksum=receiving.read_checksum(request.headers.get("Upload-Checksum", "")),
    )  # fmt: skip
    response = Response(status=204)
    response.headers["Upload-Offset"] = str(stands)
    response.headers["Upload-Expires"] = _date(uploads.again(upload.id))
    return response


def _ended(upload: Upload) -> Response:
    with receiving.sole(upload.id):
        uploads.end(upload)
    return Response(status=204)


def _not_allowed() -> Response:
    response = Response(status=405)
    response.headers["Allow"] = "HEAD, PATCH, DELETE, OPTIONS"
    return response
