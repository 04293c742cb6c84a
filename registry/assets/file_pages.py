"""Pages about the files of a unit."""

from flask import g, render_template, request
from werkzeug.wrappers import Response

from registry.assets import attachments
from registry.assets.files_api import FileForm
from registry.assets.listing import FILES
from registry.assets.pages import pages
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.web.forms import Form, done
from registry.web.identity import actor, settings
from registry.web.lists.asked import asked, one_page
from registry.web.lists.downloads import download
from registry.web.policy import allow
from registry.web.unit.view import own_asset

Page = Response | tuple[str, int]


@pages.get("/assets/<int:asset_id>/files")
@allow("asset.view")
def list_files(asset_id: int) -> Page:
    return _files(asset_id, Form(FileForm()))


def _files(asset_id: int, form: Form) -> Page:
    asset = own_asset(actor(), g.customer, asset_id)
    wanted = asked(FILES.arguments())
    page = one_page(actor(), FILES, wanted, asset=asset_id, sort="-id")
    status = form.status if form.status != 200 else wanted.status
    known = {"wanted": wanted, "page": page, "most": settings().max_upload_mb}
    return render_template("assets/files.html", asset=asset, form=form, **known), status


@pages.post("/assets/<int:asset_id>/files")
@allow("asset.edit", upload=True)
def add_file(asset_id: int) -> Page:
    own_asset(actor(), g.customer, asset_id)
    form, sent = Form(FileForm(), request.form, only=("kind",)), request.files.get("file")

    def keep(values: dict[str, str]) -> attachments.AssetFile:
        if sent is None or not sent.filename:
            raise Invalid.field("file", _("Choose a file."))
        with sent.stream as stream:
            return attachments.add_file(actor(), asset_id, stream, name=sent.filename, kind=values["kind"])

    form.names += ("file",)
    if not form.send(keep):
        return _files(asset_id, form)
    return done(_("%(file)s is kept.", file=form.answer.name), "assets.list_files", asset_id=asset_id)


@pages.get("/assets/<int:asset_id>/files/<int:file_id>")
@allow("asset.view")
def get_file(asset_id: int, file_id: int) -> Response:
    """Always to be saved: nothing that somebody brought is ever shown as a page of ours."""
    own_asset(actor(), g.customer, asset_id)
    row = attachments.get_file(actor(), asset_id, file_id)
    return download(row.file_key, row.name, row.size)


@pages.post("/assets/<int:asset_id>/files/<int:file_id>/remove")
@allow("asset.edit")
def remove_file(asset_id: int, file_id: int) -> Page:
    own_asset(actor(), g.customer, asset_id)
    attachments.remove_file(actor(), asset_id, file_id)
    return done(_("The file is removed."), "assets.list_files", asset_id=asset_id)
