"""Pages of one customer, under /c/<customer>/x/rma/: lists, a unit's case, a new claim, the next move."""

from datetime import datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.datastructures import MultiDict

from registry.sdk import (
    ANY_VERSION,
    Conflict,
    Flag,
    Form,
    Invalid,
    NotFound,
    Prose,
    Shape,
    Stale,
    _,
    allow,
    asked,
    customer_pages,
    done,
    drop_file,
    get_asset,
    here,
    keep_file,
    me,
    new_code,
    one_page,
    open_file,
    product_of,
    render_template,
    sent_version,
)
from registry.sdk import (
    Line as Text,
)
from registry_rma import cases, custody, moving, parcels, readings, views
from registry_rma.custody import Photo
from registry_rma.listing import LINES
from registry_rma.machine import STATES, move_between
from registry_rma.models import Line
from registry_rma.schemas import Moment, Number, RmaAnswerIn, RmaClaimIn, RmaMoveFacts, key_field, one_of
from registry_rma.words import choices, word

pages = customer_pages("rma")
Page = Any
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}


class OnTheClock(Moment):
    """A moment as a field of date and time sends it: on the customer's clocks."""

    def _deserialize(self, value: Any, *arguments: Any, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None
        zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(here().time_zone))
        return super()._deserialize(zoned.isoformat(), *arguments, **kwargs)


class ClaimForm(RmaClaimIn):
    """A claim as it is typed: one condition of use at a time is enough."""

    channel = one_of("channel")
    notified_at = OnTheClock(allow_none=True)
    condition = Text(max=100)
    condition_value = Number(allow_none=True)
    measured_use = Flag()
    note = Prose(max=5000)


class Pressed(Shape):
    """What comes with the press of a button, beside facts: made by the page, not typed."""

    key = key_field()
    device_at = Moment()


def own_line(rma_line_id: int) -> Line:
    """The customer's line. NotFound for another customer's, also to those who may see both."""
    line = cases.get_line(me(), rma_line_id)
    if line.customer_id != here().id:
        raise NotFound()
    return line


def own_asset(asset_id: int) -> Any:
    asset = get_asset(me(), asset_id)
    if asset.customer_id != here().id:
        raise NotFound()
    return asset


@pages.get("/lines")
@allow("rma.view")
def list_lines() -> Page:
    wanted = asked(LINES.arguments())
    page = one_page(me(), LINES, wanted, customer=here().slug, sort="-id")
    shown = {**page, "items": views.page_lines(page["items"])}
    return render_template("rma/list.html", wanted=wanted, page=shown, states=choices("state")), wanted.status


@pages.get("/lines/<int:rma_line_id>")
@allow("rma.view")
def show_line(rma_line_id: int) -> Page:
    return show(own_line(rma_line_id))


def show(line: Line, form: Form | None = None) -> Page:
    """The page of a line; `form`: a button that could not be carried out."""
    page = views.line_page(me(), line)
    form = form or Form(RmaAnswerIn())
    return render_template("rma/line.html", form=form, papers=parcels.offered(me(), line), **page), form.status


@pages.get("/assets/<int:asset_id>/claims/new")
@allow("rma.request")
def new_claim(asset_id: int) -> Page:
    found = readings.proposal(me(), own_asset(asset_id).id)
    return _claim(asset_id, Form(ClaimForm(), shown={"channel": "telephone", **readings.shown(found)}))


@pages.post("/assets/<int:asset_id>/claims/new")
@allow("rma.request")
def open_claim(asset_id: int) -> Page:
    own_asset(asset_id)
    form = Form(ClaimForm(), request.form)
    if form.send(lambda values: _opened(asset_id, values)):
        [line] = cases.lines_of(me(), form.answer)
        return done(_("Sent. We will look into it."), "rma.show_line", rma_line_id=line.id)
    return _claim(asset_id, form)


def _opened(asset_id: int, values: dict[str, Any]) -> Any:
    """One unit's claim; what is wrong with it is said beside the fields of the form."""
    about: dict[str, Any] = {name: values.pop(name) for name in ("channel", "notified_at", "note") if name in values}
    condition, value = values.pop("condition", ""), values.pop("condition_value", None)
    typed = [{"parameter": condition, "value": value}] if condition and value is not None else []
    found = readings.in_use(me(), asset_id, typed) if values.pop("measured_use", False) else typed
    if found:
        values["operating"] = found
    line = {name: given for name, given in values.items() if given not in (None, "")}
    if not line.get("fault", "").strip():
        raise Invalid.field("fault", _("Say what is wrong."))
    try:
        return cases.open_case(me(), {"lines": [{**line, "asset": asset_id}], **about})
    except Invalid as problem:
        raise Invalid(problem.message, errors=_flat(problem.errors)) from None


def _flat(errors: Any) -> dict[str, Any]:
    """Errors of the only line, as errors of the form."""
    inner = errors.get("lines")
    if not isinstance(inner, dict):
        return dict(errors)
    found = dict(inner.get("0", {}))
    if isinstance(found.get("readings"), dict):
        found = {name: texts for each in found["readings"].values() for name, texts in each.items()}
    return {**{name: texts for name, texts in errors.items() if name != "lines"}, **found}


def _claim(asset_id: int, form: Form) -> Page:
    asset = own_asset(asset_id)
    product = product_of(me(), asset)
    context = {
        "asset": asset,
        "product": product,
        "staff": me().is_operator,
        "zone": here().time_zone,
        "optic": readings.proposal(me(), asset.id),
        **views.claim_choices(),
    }
    return render_template("rma/claim.html", form=form, **context), form.status


@pages.get("/lines/<int:rma_line_id>/to/<to>")
@allow("rma.request")
def ask_move(rma_line_id: int, to: str) -> Page:
    line = own_line(rma_line_id)
    return _ask(line, to, Form(RmaMoveFacts(), shown=_proposed(line, to)))


@pages.post("/lines/<int:rma_line_id>/to/<to>")
@allow("rma.request", upload=True)
def make_move(rma_line_id: int, to: str) -> Page:
    """A press of a button, or the form with what the move asks for."""
    line = own_line(rma_line_id)
    if to not in STATES:
        raise NotFound()
    found = move_between(line.state, to)
    asks = (*found.asks, *found.takes) if found else ()
    form = Form(RmaMoveFacts(), MultiDict([one for one in request.form.items(multi=True) if one[0] in asks]), only=asks)
    if form.send(lambda values: _moved(line, to, values)):
        return done(
            _("%(unit)s: %(state)s", unit=line.serial, state=word("state", to)), "rma.show_line", rma_line_id=line.id
        )
    now = cases.get_line(me(), rma_line_id)
    if form.status == Stale.status:
        state = word("state", now.state)
        form.message = _("Somebody else has worked on this unit meanwhile. Now it says: %(state)s.", state=state)
    if found is None or not (found.asks or found.takes):
        form.names = ()  # no field stands on that page: what is wrong is said above it
        return show(now, form)
    return _ask(now, to, form)


def _moved(line: Line, to: str, facts: dict[str, Any]) -> Line:
    sent = Pressed().load({name: text for name in Pressed().fields if (text := request.form.get(name))})
    photo = _photo(line)
    try:
        return moving.move(me(), line.id, to, facts, version=sent_version(), photo=photo, **sent)
    finally:  # refused, or made already when it was sent before
        if photo is not None and all(row.photo_key != photo.key for row in custody.rows_of(me(), line)):
            drop_file(photo.key)


def _photo(line: Line) -> Photo | None:
    """A picture that came with the form, put into the file store; whatever is none is refused."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        return None
    if not moving.legal_moves(me(), line):
        raise Conflict(_("Nothing can be done with this unit now."), code="not_possible")
    start = sent.stream.read(4)
    if start[:3] not in PICTURES and start not in PICTURES:
        raise Invalid.field("photo", _("Choose a picture: JPEG, PNG or WebP."))
    sent.stream.seek(0)
    key, sha256, _size = keep_file(line.customer_id, sent.stream)
    return Photo(key, sha256)


def _proposed(line: Line, to: str) -> dict[str, Any]:
    """What an approval proposes: the first remedy that is owed, and why."""
    if to != "approved" or not line.proposal:
        return {}
    remedy = line.overruled if line.overruled not in ("", "none") else None
    owed = next((offer for offer in line.proposal["remedies"] if _carries_out(offer)), None)
    reason = line.overruled_reason if remedy else owed["reason"] if owed else ""
    return {"remedy": remedy or (owed["remedy"] if owed else None), "charge": False, "charge_reason": reason}


def _carries_out(offer: dict[str, Any]) -> bool:
    return offer["charge"] == "free" and offer["remedy"] in ("repair", "replace")


def _ask(line: Line, to: str, form: Form) -> Page:
    found = move_between(line.state, to)
    if found is None:
        if form.status != 200:
            return show(line, form)
        if to not in STATES:
            raise NotFound()
        state = word("state", line.state)  # whoever comes back to a form that was sent meanwhile
        return done(
            _("This is not next any more. Now it says: %(state)s.", state=state), "rma.show_line", rma_line_id=line.id
        )
    context = {"line": line, "move": found, "mark": views.head(line), "version": line.version, "key": new_code(),
               "photo": found.carries or "service" in (STATES[found.start], STATES[found.to])}  # fmt: skip
    return render_template(
        "rma/move.html", form=form, remedies=choices("remedy", "return", "none", ""), **context
    ), form.status


@pages.get("/lines/<int:rma_line_id>/photos/<int:photo_number>")
@allow("rma.view")
def get_photo(rma_line_id: int, photo_number: int) -> Response:
    """A photo of the custody record; a picture, whatever else somebody may have brought."""
    line = own_line(rma_line_id)
    row = next((one for one in custody.rows_of(me(), line) if one.number == photo_number), None)
    if row is None or row.photo_key is None:
        raise NotFound()
    with open_file(row.photo_key) as stream:
        data = BytesIO(stream.read())
    kind = next(
        (kind for start, kind in PICTURES.items() if data.getvalue().startswith(start)), "application/octet-stream"
    )
    return Response(
        data.getvalue(), content_type=kind, headers={"Content-Disposition": f'inline; filename="{photo_number}"'}
    )


@pages.post("/lines/<int:rma_line_id>/confirm")
@allow("rma.work")
def confirm_case(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    cases.confirm(me(), line.case_id, ANY_VERSION)
    return done(_("Written down: the call was confirmed in writing."), "rma.show_line", rma_line_id=line.id)
