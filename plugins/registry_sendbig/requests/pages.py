"""Pages of one customer about file requests: links by which others send files to him."""

from typing import Any

from flask import request

from registry.sdk import (
    Form,
    NotFound,
    Shape,
    _,
    allow,
    asked,
    done,
    here,
    me,
    one_page,
    pressed,
    render_template,
    sent_version,
)
from registry_sendbig.models import Request
from registry_sendbig.places import pages
from registry_sendbig.preferences import rules
from registry_sendbig.requests import allowance
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import views
from registry_sendbig.transfers.forms import LongerForm, RequestForm, new_request
from registry_sendbig.transfers.reach import may_change
from registry_sendbig.words import choices

Page = Any


def own_request(file_request_id: int) -> Request:
    """The customer's request. NotFound for another customer's, also to those who may see both."""
    found = asking.get(me(), file_request_id)
    if found.customer_id != here().id:
        raise NotFound()
    return found


@pages.get("/requests")
@allow("sendbig.view")
def list_requests() -> Page:
    wanted = asked(asking.REQUESTS.arguments())
    page = one_page(me(), asking.REQUESTS, wanted, customer=here().slug, sort="-id")
    shown = {**page, "items": views.page_requests(me(), page["items"])}
    states = choices("request_state")
    return render_template("sendbig/requests.html", wanted=wanted, page=shown, states=states), wanted.status


@pages.get("/requests/new")
@allow("sendbig.send")
def new_request_page() -> Page:
    me().must("sendbig.send", here().id)
    return _form(Form(RequestForm(), shown={"expires_in_days": rules(here().id)["default_days"]}))


@pages.post("/requests/new")
@allow("sendbig.send")
def create_request() -> Page:
    form = Form(RequestForm(), request.form)
    customer = here().id
    if form.send(lambda values: asking.create(me(), customer, new_request(values)), most_bytes="most_gb"):
        told = _("The link is made, and on its way by mail.") if form.answer.email else _("The link is made: copy it.")
        return done(told, "sendbig.show_request", file_request_id=form.answer.id)
    return _form(form)


def _form(form: Form) -> Page:
    longest = rules(here().id)["longest_days"]
    return render_template("sendbig/request_form.html", form=form, longest=longest), form.status


@pages.get("/requests/<int:file_request_id>")
@allow("sendbig.view")
def show_request(file_request_id: int) -> Page:
    return _show(own_request(file_request_id))


def _show(asked_for: Request, form: Form | None = None) -> Page:
    """`form`: a button that could not be carried out."""
    form, change = form or Form(Shape()), may_change(me(), asked_for)
    context = {
        "asked": asked_for, "mark": views.request_state(asked_for.closed_at, asked_for.expires_at), "change": change,
        "link": asking.link_of(me(), asked_for.id) if change else "", "left": allowance.left(asked_for),
        "arrivals": views.arrivals(me(), asked_for), "longest": rules(here().id)["longest_days"],
        "longer": form if form.shape.fields else Form(LongerForm()),
    }  # fmt: skip
    return render_template("sendbig/request.html", form=form, **context), form.status


@pages.post("/requests/<int:file_request_id>/close")
@allow("sendbig.send")
def close_request(file_request_id: int) -> Page:
    own_request(file_request_id)
    form = pressed(lambda: asking.close(me(), file_request_id, sent_version()))
    if form.status == 200:
        return done(
            _("Closed: nothing more comes by its link."), "sendbig.show_request", file_request_id=file_request_id
        )
    return _show(asking.get(me(), file_request_id), form)


@pages.post("/requests/<int:file_request_id>/extend")
@allow("sendbig.send")
def extend_request(file_request_id: int) -> Page:
    own_request(file_request_id)
    form = Form(LongerForm(), request.form, only=("expires_in_days",))
    if form.send(lambda values: asking.extend(me(), file_request_id, values, sent_version())):
        return done(_("Extended."), "sendbig.show_request", file_request_id=file_request_id)
    return _show(asking.get(me(), file_request_id), form)
