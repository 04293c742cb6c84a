"""JSON routes about the files of a unit."""

from typing import Any

from flask_smorest.fields import Upload
from marshmallow import fields, validate
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from registry.assets import attachments
from registry.assets.listing import FILES
from registry.assets.models import FILE_KINDS
from registry.assets.service import get_asset
from registry.kernel.shapes import Shape
from registry.web.answers import nothing, one, page
from registry.web.api import blueprint
from registry.web.identity import actor
from registry.web.lists.downloads import download
from registry.web.policy import allow

blp = blueprint("asset_files", "Files of assets: photos, papers")


class FileForm(Shape):
    """The form fields beside `file`."""

    kind = fields.String(validate=validate.OneOf(FILE_KINDS), load_default="other")


class OneFile(Shape):
    file = Upload(required=True, metadata={"description": "Any file. Its name is kept, and never used as a path."})


@blp.route("/assets/<int:asset_id>/files", methods=["GET"])
@blp.arguments(FILES.arguments(), location="query")
@blp.response(200, FILES.page_shape())
@allow("asset.view")
def list_files(arguments: dict[str, Any], asset_id: int) -> Response:
    return page(FILES, {**arguments, "asset": get_asset(actor(), asset_id).id})


@blp.route("/assets/<int:asset_id>/files", methods=["POST"])
@blp.arguments(FileForm, location="form")
@blp.arguments(OneFile, location="files")
@blp.response(201, FILES.shape())
@allow("asset.edit", upload=True)
def add_file(form: dict[str, Any], files: dict[str, FileStorage], asset_id: int) -> Response:
    sent = files["file"]
    with sent.stream as stream:
        row = attachments.add_file(actor(), asset_id, stream, name=sent.filename or "", kind=form["kind"])
    return one(FILES, row.id, 201)


@blp.route("/assets/<int:asset_id>/files/<int:file_id>", methods=["GET"])
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@allow("asset.view")
def get_file(asset_id: int, file_id: int) -> Response:
    """The file itself, always to be saved and never to be shown in place."""
    row = attachments.get_file(actor(), asset_id, file_id)
    return download(row.file_key, row.name, row.size)


@blp.route("/assets/<int:asset_id>/files/<int:file_id>", methods=["DELETE"])
@blp.response(204)
@allow("asset.edit")
def remove_file(asset_id: int, file_id: int) -> Response:
    """For good. The history of the unit keeps its name and SHA-256."""
    attachments.remove_file(actor(), asset_id, file_id)
    return nothing()
