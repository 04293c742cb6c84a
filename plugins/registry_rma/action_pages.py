"""Pages about the work on a line: tests, quotes and their answers, records, refunds, what runs beside it."""

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from registry.sdk import (
    CAUSES,
    Date,
    Form,
    Invalid,
    NotFound,
    Prose,
    Shape,
    Whole,
    _,
    allow,
    done,
    fetch,
    get_asset,
    here,
    me,
    product_of,
    render_template,
    sent_version,
)
from registry.sdk import (
    Line as Text,
)
from registry_rma import cases, quotes, tracks, trials, views
from registry_rma.models import Line, Quote, Track
from registry_rma.pages import own_line, pages, show
from registry_rma.prices import typed_amount
from registry_rma.schemas import Number, RmaAnswerIn, RmaOverruleIn, RmaRecordIn, RmaRefundIn, RmaTrackIn
from registry_rma.words import choices

Page = Any
ITEMS = 3  # lines of a quote that a form has
FREE = ("parameter", "value", "limit_min", "limit_max", "unit")


class QuoteForm(Shape):
    code_0, code_1, code_2 = (Text(max=32) for _line in range(ITEMS))
    text_0, text_1, text_2 = (Text(max=200) for _line in range(ITEMS))
    quantity_0, quantity_1, quantity_2 = (Whole(1, 10_000) for _line in range(ITEMS))
    amount_0, amount_1, amount_2 = (Text(max=20) for _line in range(ITEMS))
    deviation = Prose(max=2000)
    valid_until = Date(allow_none=True)


class RefundForm(Shape):
    kind = RmaRefundIn().fields["kind"]
    amount = Text(required=True, min=1, max=20)
    reference = Text(required=True, min=1, max=100)


class WorkForm(Shape):
    """A maintenance record without its times: those are the unit's own."""

    cause = RmaRecordIn().fields["cause"]
    action = Prose(required=True, max=5000)
    parts = Prose(max=2000)
    staff = Text(max=100)


def _own_quote(rma_quote_id: int) -> Quote:
    quote: Quote = fetch(Quote, me(), rma_quote_id)
    if quote.customer_id != here().id:
        raise NotFound()
    return quote


def _form(name: str, line: Line, form: Form, **context: Any) -> Page:
    around = {"line": line, "mark": views.head(line), "version": line.version, "form": form}
    return render_template(f"rma/{name}.html", **around, **context), form.status


def _back(text: str, line_id: int) -> Page:
    return done(text, "rma.show_line", rma_line_id=line_id)


# --- Tests ---


def _specified(line: Line) -> list[dict[str, Any]]:
    parameters = product_of(me(), get_asset(me(), line.claimed)).parameters
    return [one for one in parameters if one.get("min") is not None or one.get("max") is not None]


def _test_shape(specified: list[dict[str, Any]]) -> Shape:
    """A value for each parameter that the product specifies, and one more of the tester's own."""
    own: dict[str, Any] = {f"value_{number}": Number(allow_none=True) for number in range(len(specified))}
    free: dict[str, Any] = {"parameter": Text(max=100), "unit": Text(max=20)}
    free |= {name: Number(allow_none=True) for name in ("value", "limit_min", "limit_max")}
    return Shape.from_dict({**own, **free}, name="TestForm")()  # type: ignore[return-value]


@pages.get("/lines/<int:rma_line_id>/test")
@allow("rma.work")
def new_test(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    return _form("test", line, Form(_test_shape(_specified(line))), specified=_specified(line))


@pages.post("/lines/<int:rma_line_id>/test")
@allow("rma.work")
def record_test(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    specified = _specified(line)
    form = Form(_test_shape(specified), request.form)
    if form.send(
        lambda values: trials.record_test(me(), line.id, {"readings": _readings(specified, values)}, sent_version())
    ):
        passed = form.answer.outcome == "passed"
        return _back(_("Test recorded: passed.") if passed else _("Test recorded: failed."), line.id)
    if isinstance(form.errors.get("readings"), dict):
        form.message = form.message or _("A value cannot be judged.")
    return _form("test", line, form, specified=specified)


def _readings(specified: list[dict[str, Any]], values: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        {"parameter": one["name"], "value": values[f"value_{number}"], "unit": one.get("unit") or ""}
        for number, one in enumerate(specified)
        if values.get(f"value_{number}") is not None
    ]
    if values.get("parameter") and values.get("value") is not None:
        found.append({name: values.get(name) for name in FREE})
    if not found:
        raise Invalid.field("value_0" if specified else "value", _("Give at least one value."))
    return found


# --- Quotes ---


@pages.get("/lines/<int:rma_line_id>/quote")
@allow("rma.decide")
def new_quote(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    return _form("quote", line, Form(QuoteForm()), **_priced(line))


def _priced(line: Line) -> dict[str, Any]:
    prices = views.prices_of(me(), line.customer_id)
    codes = [(one["row"].code, f"{one['row'].code} · {one['row'].title} · {one['amount']}") for one in prices]
    return {"codes": codes, "items": range(ITEMS), "currency": here().currency}


@pages.post("/lines/<int:rma_line_id>/quote")
@allow("rma.decide")
def make_quote(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    form = Form(QuoteForm(), request.form)
    if form.send(lambda values: quotes.offer(me(), line.id, _offer(values))):
        return _back(_("The quote is made. Send it with the next step."), line.id)
    return _form("quote", line, form, **_priced(line))


def _offer(values: dict[str, Any]) -> dict[str, Any]:
    items = []
    for number in range(ITEMS):
        amount = typed_amount(values.get(f"amount_{number}", ""), here().currency)
        item = {"code": values.get(f"code_{number}"), "text": values.get(f"text_{number}"),
                "quantity": values.get(f"quantity_{number}"), "unit_minor": amount}  # fmt: skip
        if any(item.values()):
            items.append(item)
    if not items:
        raise Invalid.field("code_0", _("Choose something from the price list, or say what is charged."))
    return {"items": items, "deviation": values.get("deviation"), "valid_until": values.get("valid_until")}


@pages.post("/quotes/<int:rma_quote_id>/accept")
@allow("rma.request")
def accept_quote(rma_quote_id: int) -> Page:
    return _answer(_own_quote(rma_quote_id), quotes.accept, _("Accepted. We go ahead."))


@pages.post("/quotes/<int:rma_quote_id>/decline")
@allow("rma.request")
def decline_quote(rma_quote_id: int) -> Page:
    return _answer(_own_quote(rma_quote_id), quotes.decline, _("Declined."))


def _answer(quote: Quote, verb: Any, text: str) -> Page:
    form = Form(RmaAnswerIn(), request.form)
    if form.send(lambda values: verb(me(), quote.id, {k: v for k, v in values.items() if v}, sent_version())):
        return _back(text, quote.line_id)
    return show(own_line(quote.line_id), form)


# --- Records, refunds, overruling ---


@pages.get("/lines/<int:rma_line_id>/record")
@allow("rma.work")
def new_record(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    shown = {"cause": line.cause, "action": line.action, "parts": line.parts, "staff": line.staff or me().name}
    return _form("record", line, Form(WorkForm(), shown=shown), causes=_causes())


@pages.post("/lines/<int:rma_line_id>/record")
@allow("rma.work")
def write_record(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    form = Form(WorkForm(), request.form)
    if form.send(lambda values: trials.write_record(me(), line.id, _written(values))):
        return _back(_("The maintenance record is written."), line.id)
    return _form("record", line, form, causes=_causes())


def _written(values: dict[str, Any]) -> dict[str, Any]:
    if not values["action"].strip():
        raise Invalid.field("action", _("Say what was done."))
    return values


def _causes() -> list[tuple[str, str]]:
    return [(code, _(cause.title)) for code, cause in CAUSES.items()]


@pages.get("/lines/<int:rma_line_id>/refund")
@allow("rma.decide")
def new_refund(rma_line_id: int) -> Page:
    return _form("refund", own_line(rma_line_id), Form(RefundForm()), kinds=_kinds(), currency=here().currency)


def _kinds() -> list[tuple[str, str]]:
    return [("refund", _("Refund")), ("credit", _("Credit note"))]


@pages.post("/lines/<int:rma_line_id>/refund")
@allow("rma.decide")
def refund_line(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    form = Form(RefundForm(), request.form)
    if form.send(lambda values: cases.refund(me(), line.id, _refunded(values), sent_version())):
        return _back(_("Written down."), line.id)
    return _form("refund", line, form, kinds=_kinds(), currency=here().currency)


def _refunded(values: dict[str, Any]) -> dict[str, Any]:
    currency = here().currency
    return {**values, "amount_minor": typed_amount(values["amount"], currency) or 0, "currency": currency}


@pages.get("/lines/<int:rma_line_id>/overrule")
@allow("rma.overrule")
def new_overruling(rma_line_id: int) -> Page:
    return _form("overrule", own_line(rma_line_id), Form(RmaOverruleIn()), remedies=choices("remedy", "return", ""))


@pages.post("/lines/<int:rma_line_id>/overrule")
@allow("rma.overrule")
def overrule_line(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    form = Form(RmaOverruleIn(), request.form)
    if form.send(lambda values: cases.overrule(me(), line.id, values, sent_version())):
        return _back(_("The decision is overruled."), line.id)
    return _form("overrule", line, form, remedies=choices("remedy", "return", ""))


# --- Beside the line ---


@pages.get("/lines/<int:rma_line_id>/track")
@allow("rma.decide")
def new_track(rma_line_id: int) -> Page:
    return _form("track", own_line(rma_line_id), Form(RmaTrackIn()), kinds=choices("track"))


@pages.post("/lines/<int:rma_line_id>/track")
@allow("rma.decide")
def begin_track(rma_line_id: int) -> Page:
    line = own_line(rma_line_id)
    form = Form(RmaTrackIn(), request.form)
    if form.send(lambda values: tracks.begin(me(), line.id, values)):
        return _back(_("Written down."), line.id)
    return _form("track", line, form, kinds=choices("track"))


@pages.post("/tracks/<int:rma_track_id>/to/<to>")
@allow("rma.work")
def move_track(rma_track_id: int, to: str) -> Page:
    track: Track = fetch(Track, me(), rma_track_id)
    if track.customer_id != here().id:
        raise NotFound()
    form = Form(Shape(), MultiDict())
    if form.send(lambda _values: tracks.step(me(), track.id, to, sent_version())):
        return _back(_("Written down."), track.line_id)
    return show(own_line(track.line_id), form)
