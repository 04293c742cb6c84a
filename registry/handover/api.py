"""JSON routes about packages, disclosures and custody."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app, request
from marshmallow import fields
from werkzeug.wrappers import Response

from registry.handover import custody, disclosure, packages
from registry.handover.listing import APPROVALS, CUSTODY_ITEMS, CUSTODY_TASKS, PACKAGES
from registry.handover.models import Package
from registry.handover.schemas import (
    CustodyItemIn,
    CustodyTaskIn,
    DeletionIn,
    DisclosureApprovalIn,
    PackageIn,
    PackageProgress,
    ReturnIn,
    RevokeIn,
    TakenFor,
)
from registry.kernel import files
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.shapes import extended
from registry.web.answers import one, page, stream, thing
from registry.web.api import blueprint
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("handover", "Handing over: packages, disclosures, custody")
PackageOut = extended(PACKAGES.shape(), "PackageOut", progress=fields.Nested(PackageProgress, allow_none=True))


@blp.route("/customers/<slug>/packages", methods=["POST"])
@blp.arguments(PackageIn)
@blp.response(201, PackageOut)
@allow("package.make")
def request_package(values: dict[str, Any], slug: str) -> Response:
    """Have everything about a customer put into one file; a job makes it."""
    made = packages.request_package(actor(), slug, values)
    jobs = current_app.extensions["assetcare_jobs"]
    jobs.enqueue("handover.make_package", package_id=made.id, customer_id=made.customer_id)
    return _package(made.id, 201)


@blp.route("/packages", methods=["GET"])
@blp.arguments(PACKAGES.arguments(), location="query")
@blp.response(200, PACKAGES.page_shape())
@allow("package.make")
def list_packages(arguments: dict[str, Any]) -> Response:
    return page(PACKAGES, arguments)


@blp.route("/packages/<int:package_id>", methods=["GET"])
@blp.response(200, PackageOut)
@allow("package.make")
def get_package(package_id: int) -> Response:
    """With `progress` {rows, total} while it is being made."""
    return _package(package_id)


def _package(package_id: int, status: int = 200) -> Response:
    found = packages.get_package(actor(), package_id)
    body = PACKAGES.one(actor(), package_id)
    if found.state in packages.OPEN:
        body["progress"] = packages.progress_of(found)
    return thing(body, status)


@blp.route("/packages/<int:package_id>/file", methods=["GET"])
@blp.arguments(TakenFor, location="query")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
@allow("package.make", sudo=True)
def get_package_file(arguments: dict[str, Any], package_id: int) -> Response:
    """The file itself. Every time it is fetched that is put on record."""
    who, recipient = actor(), arguments.get("for_third_party")
    found = packages.take_package(who, package_id, recipient)
    return file_of(found, lambda: packages.arrived(who, found, recipient))


def file_of(package: Package, when_all_has_left: Callable[[], None]) -> Response:
    """The whole file, or the piece that Range asks for; from whatever store, with memory that does not grow."""
    key = str(package.file_key)
    if not files.store().exists(key):
        raise NotFound(_("This file is not kept any more."))
    whole = "Range" not in request.headers
    pieces = _pieces(key, when_all_has_left if whole else None)
    answer = stream(pieces, "application/zip", f"assetcare-package-{package.id}.zip")
    answer.headers.update({"Content-Length": str(package.size), "Cache-Control": "no-store"})
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=package.size)


def _pieces(key: str, when_all_has_left: Callable[[], None] | None) -> Iterator[bytes]:
    """Not begun for HEAD, and not ended when the reader goes away before."""
    with files.store().open(key) as opened:
        while piece := opened.read(files.PIECE):
            yield piece
    if when_all_has_left is not None:
        when_all_has_left()


# --- Disclosures ---


@blp.route("/disclosure-approvals", methods=["GET"])
@blp.arguments(APPROVALS.arguments(), location="query")
@blp.response(200, APPROVALS.page_shape())
@allow("disclosure.view")
def list_approvals(arguments: dict[str, Any]) -> Response:
    return page(APPROVALS, arguments)


@blp.route("/disclosure-approvals", methods=["POST"])
@blp.arguments(DisclosureApprovalIn)
@blp.response(201, APPROVALS.shape())
@allow("disclosure.view")
def approve_disclosure(values: dict[str, Any]) -> Response:
    """Approve that a third party is given something of one's own company's. The operator records one on paper."""
    return one(APPROVALS, disclosure.approve(actor(), values).id, 201)


@blp.route("/disclosure-approvals/<int:approval_id>", methods=["GET"])
@blp.response(200, APPROVALS.shape())
@allow("disclosure.view")
def get_approval(approval_id: int) -> Response:
    return one(APPROVALS, disclosure.get_approval(actor(), approval_id).id)


@blp.route("/disclosure-approvals/<int:approval_id>/revoke", methods=["POST"])
@blp.arguments(RevokeIn)
@blp.response(200, APPROVALS.shape())
@allow("disclosure.view")
def revoke_approval(values: dict[str, Any], approval_id: int) -> Response:
    return one(APPROVALS, disclosure.revoke(actor(), approval_id, values["reason"]).id)


# --- Custody ---


@blp.route("/custody-tasks", methods=["GET"])
@blp.arguments(CUSTODY_TASKS.arguments(), location="query")
@blp.response(200, CUSTODY_TASKS.page_shape())
@allow("custody.view")
def list_custody_tasks(arguments: dict[str, Any]) -> Response:
    return page(CUSTODY_TASKS, arguments)


@blp.route("/custody-tasks", methods=["POST"])
@blp.arguments(CustodyTaskIn)
@blp.response(201, CUSTODY_TASKS.shape())
@allow("custody.edit")
def open_custody_task(values: dict[str, Any]) -> Response:
    return one(CUSTODY_TASKS, custody.open_task(actor(), values).id, 201)


@blp.route("/custody-tasks/<int:task_id>", methods=["GET"])
@blp.response(200, CUSTODY_TASKS.shape())
@allow("custody.view")
def get_custody_task(task_id: int) -> Response:
    return one(CUSTODY_TASKS, custody.get_task(actor(), task_id).id)


@blp.route("/custody-tasks/<int:task_id>/items", methods=["POST"])
@blp.arguments(CustodyItemIn)
@blp.response(201, CUSTODY_ITEMS.shape())
@allow("custody.edit")
def take_into_custody(values: dict[str, Any], task_id: int) -> Response:
    return one(CUSTODY_ITEMS, custody.take(actor(), task_id, values).id, 201)


@blp.route("/custody-tasks/<int:task_id>/finish", methods=["POST"])
@blp.response(200, CUSTODY_TASKS.shape())
@allow("custody.edit")
def finish_custody_task(task_id: int) -> Response:
    """The work is done: everything that is still out is due back at once."""
    return one(CUSTODY_TASKS, custody.finish(actor(), task_id).id)


@blp.route("/custody-tasks/<int:task_id>/close", methods=["POST"])
@blp.response(200, CUSTODY_TASKS.shape())
@allow("custody.edit")
def close_custody_task(task_id: int) -> Response:
    """Refused (items_out) while anything is out."""
    return one(CUSTODY_TASKS, custody.close(actor(), task_id).id)


@blp.route("/custody-items", methods=["GET"])
@blp.arguments(CUSTODY_ITEMS.arguments(), location="query")
@blp.response(200, CUSTODY_ITEMS.page_shape())
@allow("custody.view")
def list_custody_items(arguments: dict[str, Any]) -> Response:
    return page(CUSTODY_ITEMS, arguments)


@blp.route("/custody-items/<int:item_id>", methods=["GET"])
@blp.response(200, CUSTODY_ITEMS.shape())
@allow("custody.view")
def get_custody_item(item_id: int) -> Response:
    return one(CUSTODY_ITEMS, custody.get_item(actor(), item_id).id)


@blp.route("/custody-items/<int:item_id>/return", methods=["POST"])
@blp.arguments(ReturnIn)
@blp.response(200, CUSTODY_ITEMS.shape())
@allow("custody.edit")
def return_custody_item(values: dict[str, Any], item_id: int) -> Response:
    return one(CUSTODY_ITEMS, custody.give_back(actor(), item_id, values).id)


@blp.route("/custody-items/<int:item_id>/deletion", methods=["POST"])
@blp.arguments(DeletionIn)
@blp.response(200, CUSTODY_ITEMS.shape())
@allow("custody.edit")
def delete_custody_copy(values: dict[str, Any], item_id: int) -> Response:
    """Record that a digital copy was deleted: when, by whom, how."""
    return one(CUSTODY_ITEMS, custody.delete_copy(actor(), item_id, values).id)
