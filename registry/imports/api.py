"""JSON routes about imports."""

from typing import Any

from flask import current_app, request
from flask_smorest.fields import Upload
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from registry.imports import drafts, service, store
from registry.imports.listing import CHANGES, IMPORTS, MAPPINGS, changes_of
from registry.imports.models import ImportSession
from registry.imports.schemas import ApplyQuery, ImportChangePage, ImportForm, ImportOut, MappingIn
from registry.kernel.access import EVERYWHERE
from registry.kernel.shapes import Shape
from registry.web.answers import if_match, json_response, nothing, one, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor, settings
from registry.web.policy import allow

PATIENCE = 20.0  # seconds that a request waits for other imports to end
UNDONE_AT_ONCE = 2_000  # rows that a request takes back by itself
JOBS = {"queued": "imports.run", "undoing": "imports.undo"}

blp = blueprint("imports", "Imports of CSV and XLSX files")


class ImportFile(Shape):
    file = Upload(required=True, metadata={"description": "CSV in any usual form, or XLSX."})


@blp.route("/imports", methods=["GET"])
@blp.arguments(IMPORTS.arguments(), location="query")
@blp.response(200, IMPORTS.page_shape())
@allow("import.run")
def list_imports(arguments: dict[str, Any]) -> Response:
    return page(IMPORTS, arguments)


@blp.route("/imports", methods=["POST"])
@blp.arguments(ImportForm, location="form")
@blp.arguments(ImportFile, location="files")
@blp.response(201, ImportOut)
@allow("import.run", upload=True)
def create_import(form: dict[str, Any], files: dict[str, FileStorage]) -> Response:
    """Bring a file: with dry_run=true only looked at, else carried out at once (large files by the worker)."""
    upload = files["file"]
    values = {**form, "customer": _customer(form.get("customer")), "filename": upload.filename or "file.csv"}
    in_worker = is_large(request.content_length or 0)
    session = service.create_import(actor(), values, upload.save, in_worker=in_worker, patience=PATIENCE)
    return _queued_or_done(session, 201)


def _customer(given: str | None) -> int | str | None:
    """A form knows texts only: digits are the id."""
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 19 else given


def is_large(size: int) -> bool:
    return size > settings().import_inline_mb * 1024 * 1024


def is_long(session: ImportSession) -> bool:
    """Whether its undo is for the worker: a restored row takes longer than an imported one."""
    return is_large(session.file_size or 0) or session.created + session.updated > UNDONE_AT_ONCE


def _queued_or_done(session: ImportSession, status: int) -> Response:
    enqueue(session)
    return _session(session.id, status)


def enqueue(session: ImportSession) -> None:
    """Have the worker go through it, or take it back, if that is what it waits for."""
    if session.state in JOBS:
        who = actor()
        rights = who.grants.get(EVERYWHERE, frozenset()) | who.grants.get(session.customer_id, frozenset())
        jobs = current_app.extensions["assetcare_jobs"]
        jobs.enqueue(JOBS[session.state], session_id=session.id, user_id=who.user_id, rights=sorted(rights))


@blp.route("/imports/<int:session_id>", methods=["GET"])
@blp.response(200, ImportOut)
@allow("import.run")
def get_import(session_id: int) -> Response:
    """With `progress` {rows, share} while it runs."""
    return _session(session_id)


@blp.route("/imports/<int:session_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("import.run")
def discard_import(session_id: int) -> Response:
    """Throw away a file that nothing was imported of."""
    drafts.discard_import(actor(), session_id, if_match())
    return nothing()


@blp.route("/imports/<int:session_id>/changes", methods=["GET"])
@blp.arguments(CHANGES.arguments(), location="query")
@blp.response(200, ImportChangePage)
@allow("import.run")
def list_changes(arguments: dict[str, Any], session_id: int) -> Response:
    """Row by row what the last run did, or would do: the first 10,000 changes and 1,000 refused cells, for 30 days."""
    return json_response(changes_of(actor(), service.get_import(actor(), session_id), arguments))


@blp.route("/imports/<int:session_id>/apply", methods=["POST"])
@blp.arguments(ApplyQuery, location="query")
@blp.response(200, ImportOut)
@allow("import.run")
def apply_import(arguments: dict[str, Any], session_id: int) -> Response:
    session = service.get_import(actor(), session_id)
    how = {**arguments, "in_worker": is_large(session.file_size or 0), "patience": PATIENCE}
    return _queued_or_done(service.apply_import(actor(), session_id, **how), 200)


@blp.route("/imports/<int:session_id>/undo", methods=["POST"])
@blp.response(200, ImportOut)
@allow("import.run")
def undo_import(session_id: int) -> Response:
    """Take the whole batch back; refused when something of it was changed or used since.

    A large one is `undoing` until the worker is done: then it is `undone`, or `applied` as before, with the reason
    among `errors`.
    """
    in_worker = is_long(service.get_import(actor(), session_id))
    return _queued_or_done(service.undo_import(actor(), session_id, in_worker=in_worker, patience=PATIENCE), 200)


def _session(session_id: int, status: int = 200) -> Response:
    session = service.get_import(actor(), session_id)
    body = IMPORTS.one(actor(), session_id)
    if session.state in ("running", "undoing"):
        found = store.progress(session.file_key)
        body["progress"] = found and {"rows": found["rows"], "share": found["share"]}
    return thing(body, status, name=session_id)


@blp.route("/import-mappings", methods=["GET"])
@blp.arguments(MAPPINGS.arguments(), location="query")
@blp.response(200, MAPPINGS.page_shape())
@allow("import.run")
def list_mappings(arguments: dict[str, Any]) -> Response:
    return page(MAPPINGS, arguments)


@blp.route("/import-mappings", methods=["POST"])
@blp.arguments(MappingIn)
@blp.response(201, MAPPINGS.shape())
@allow("import.run")
def save_mapping(values: dict[str, Any]) -> Response:
    """Keep which column means what under a name; the same name replaces."""
    return one(MAPPINGS, service.save_mapping(actor(), values).id, 201)
