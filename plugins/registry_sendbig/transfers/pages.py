"""Pages of one customer, under /c/<customer>/x/sendbig/: transfers, and what is asked of others."""

from collections.abc import Callable
from typing import Any

from flask import request

from registry.sdk import (
    Conflict,
    Form,
    NotFound,
    Shape,
    _,
    allow,
    asked,
    done,
    fetch,
    here,
    link,
    me,
    one_page,
    pressed,
    render_template,
    sent_version,
)
from registry_sendbig.models import File, Recipient, Transfer
from registry_sendbig.places import pages
from registry_sendbig.preferences import rules
from registry_sendbig.transfers import recipients, views
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.forms import LongerForm, RecipientForm, TransferForm, changes, new_transfer
from registry_sendbig.transfers.reach import files_of, may_change, must_change
from registry_sendbig.uploads.direct import opens_store
from registry_sendbig.words import choices

Page = Any
PROPOSED = ("title", "message", "most_downloads", "party")


def own_transfer(transfer_id: int) -> Transfer:
    """The customer's transfer. NotFound for another customer's, also to those who may see both."""
    found = transfers.get(me(), transfer_id)
    if found.customer_id != here().id:
        raise NotFound()
    return found


@pages.get("/transfers")
@allow("sendbig.view")
def list_transfers() -> Page:
    wanted = asked(transfers.TRANSFERS.arguments())
    page = one_page(me(), transfers.TRANSFERS, wanted, customer=here().slug, sort="-id")
    shown = {**page, "items": views.page_transfers(me(), page["items"])}
    return render_template(
        "sendbig/list.html", wanted=wanted, page=shown, states=choices("state", "arrived")
    ), wanted.status


# --- A new one, and what it says ------------------------------------------------------------------------------


def _fields(*, new: bool, protected: bool = False) -> tuple[str, ...]:
    """Those of the form: a third party is named by the operator's people alone."""
    names = ["title", "recipients", "by_hand"] if new else ["title"]
    names += ["message", "expires_in_days", "most_downloads", "password"]
    return (*names, *(["no_password"] if protected else []), *(["party"] if me().is_operator else []))


def _form(form: Form, transfer: Transfer | None = None) -> Page:
    longest = rules(here().id)["longest_days"]
    return render_template("sendbig/form.html", form=form, transfer=transfer, longest=longest), form.status


@pages.get("/transfers/new")
@allow("sendbig.send")
def new_transfer_page() -> Page:
    me().must("sendbig.send", here().id)
    proposed = {"expires_in_days": rules(here().id)["default_days"]}
    return _form(Form(TransferForm(), shown=proposed, only=_fields(new=True)))


@pages.post("/transfers/new")
@allow("sendbig.send")
def create_transfer() -> Page:
    form = Form(TransferForm(), request.form, only=_fields(new=True))
    customer = here().id
    listed = {"email": "recipients", "name": "recipients"}
    if form.send(lambda values: transfers.draft(me(), customer, new_transfer(values)), **listed):
        return done(_("Now choose the files."), "sendbig.show_transfer", transfer_id=form.answer.id)
    return _form(form)


@pages.get("/transfers/<int:transfer_id>/edit")
@allow("sendbig.send")
def edit_transfer(transfer_id: int) -> Page:
    transfer = own_transfer(transfer_id)
    must_change(me(), transfer)
    if transfer.state != "draft":  # whoever comes back to a form that was sent meanwhile
        form = Form(Shape())
        form.message = _("It has been sent: it can be extended and taken back.")
        return _show(transfer, form)
    fields = _fields(new=False, protected=bool(transfer.password_hash))
    return _form(
        Form(TransferForm(), shown={name: getattr(transfer, name) for name in PROPOSED}, only=fields), transfer
    )


@pages.post("/transfers/<int:transfer_id>/edit")
@allow("sendbig.send")
def change_transfer(transfer_id: int) -> Page:
    transfer = own_transfer(transfer_id)
    form = Form(TransferForm(), request.form, only=_fields(new=False, protected=bool(transfer.password_hash)))
    if form.send(lambda values: transfers.change(me(), transfer_id, _changes(form, values), sent_version())):
        return done(_("Saved."), "sendbig.show_transfer", transfer_id=transfer_id)
    return _form(form, transfers.get(me(), transfer_id))


def _changes(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    """Only what stood in the form: what the shape puts in for the rest was not meant."""
    return changes({name: value for name, value in values.items() if name in form.names})


# --- One transfer ---------------------------------------------------------------------------------------------


@pages.get("/transfers/<int:transfer_id>")
@allow("sendbig.view")
def show_transfer(transfer_id: int) -> Page:
    return _show(own_transfer(transfer_id))


def _show(transfer: Transfer, form: Form | None = None, adding: Form | None = None) -> Page:
    """`form`: a button that could not be carried out; `adding`: a recipient who could not be added."""
    context = views.transfer_page(me(), transfer)
    form, adding = form or Form(Shape()), adding or Form(RecipientForm())
    longer = form if form.shape.fields else Form(LongerForm(), shown={"most_downloads": transfer.most_downloads})
    address = link(f"/x/sendbig/flow/transfers/{transfer.id}/files")
    status = max(form.status, adding.status)
    page = render_template(
        "sendbig/transfer.html", form=form, adding=adding, longer=longer, staff=me().is_operator, address=address,
        zone=here().time_zone, opens_store=opens_store, **context,
    )  # fmt: skip
    return page, status


@pages.get("/transfers/<int:transfer_id>/files")
@allow("sendbig.view")
def part_files(transfer_id: int) -> Page:
    """The list of files alone, for a page that brings itself up to date."""
    transfer = own_transfer(transfer_id)
    files = views.files_of(me(), transfer, change=may_change(me(), transfer))
    return render_template("sendbig/_files.html", files=files, busy=views.is_busy(files))


def _press(transfer_id: int, verb: Callable[[], Any], told: str) -> Page:
    """A button of the page, or why nothing was done."""
    own_transfer(transfer_id)
    form = pressed(verb)
    if form.status == 200:
        return done(told, "sendbig.show_transfer", transfer_id=transfer_id)
    return _show(transfers.get(me(), transfer_id), form)


@pages.post("/transfers/<int:transfer_id>/send")
@allow("sendbig.send")
def send_transfer(transfer_id: int) -> Page:
    told = _("On its way: recipients get their mail as soon as all files are verified.")
    return _press(transfer_id, lambda: _send(transfer_id), told)


def _send(transfer_id: int) -> None:
    """Programs may send what is still arriving; on this page nothing could be finished afterwards."""
    there = files_of(transfers.get(me(), transfer_id))
    if unfinished := [one.name for one in there if one.state == "receiving"]:
        raise Conflict(_("%(name)s has not arrived whole: finish it, or take it out.", name=unfinished[0]))
    transfers.send(me(), transfer_id, sent_version())


@pages.post("/transfers/<int:transfer_id>/revoke")
@allow("sendbig.send")
def revoke_transfer(transfer_id: int) -> Page:
    told = _("Taken back: its links lead nowhere any more.")
    return _press(transfer_id, lambda: transfers.revoke(me(), transfer_id, sent_version()), told)


@pages.post("/transfers/<int:transfer_id>/remove")
@allow("sendbig.send")
def remove_transfer(transfer_id: int) -> Page:
    own_transfer(transfer_id)
    form = pressed(lambda: transfers.remove(me(), transfer_id, sent_version()))
    if form.status == 200:
        return done(_("The draft is gone."), "sendbig.list_transfers")
    return _show(transfers.get(me(), transfer_id), form)


@pages.post("/transfers/<int:transfer_id>/extend")
@allow("sendbig.send")
def extend_transfer(transfer_id: int) -> Page:
    own_transfer(transfer_id)
    form = Form(LongerForm(), request.form)
    if form.send(lambda values: transfers.extend(me(), transfer_id, values, sent_version())):
        return done(_("Extended."), "sendbig.show_transfer", transfer_id=transfer_id)
    return _show(transfers.get(me(), transfer_id), form)


@pages.post("/transfers/<int:transfer_id>/recipients")
@allow("sendbig.send")
def add_recipient(transfer_id: int) -> Page:
    own_transfer(transfer_id)
    form = Form(RecipientForm(), request.form)
    if form.send(lambda values: recipients.add(me(), transfer_id, values)):
        return done(_("Added."), "sendbig.show_transfer", transfer_id=transfer_id)
    return _show(transfers.get(me(), transfer_id), adding=form)


@pages.post("/recipients/<int:recipient_id>/revoke")
@allow("sendbig.send")
def revoke_recipient(recipient_id: int) -> Page:
    transfer = own_transfer(fetch(Recipient, me(), recipient_id).transfer_id)
    told = _("This link leads nowhere any more.")
    return _press(transfer.id, lambda: recipients.revoke(me(), recipient_id, sent_version()), told)


@pages.post("/recipients/<int:recipient_id>/resend")
@allow("sendbig.send")
def resend_recipient(recipient_id: int) -> Page:
    found = fetch(Recipient, me(), recipient_id)
    told = _("The mail with the link has been sent to %(email)s once more.", email=found.email)
    return _press(found.transfer_id, lambda: recipients.resend(me(), recipient_id, sent_version()), told)


@pages.post("/files/<int:sendbig_file_id>/remove")
@allow("sendbig.send")
def remove_file(sendbig_file_id: int) -> Page:
    transfer = own_transfer(fetch(File, me(), sendbig_file_id).transfer_id or 0)
    told = _("Taken out.")
    return _press(transfer.id, lambda: transfers.remove_file(me(), sendbig_file_id, sent_version()), told)
