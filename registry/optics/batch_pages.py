"""Pages about uploads of readings: bringing one, what became of it, and the modules in it that are no assets yet."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g, redirect, render_template, request, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.kernel.errors import Invalid
from registry.kernel.language import _, ngettext
from registry.kernel.shapes import Flag, Line, Ref, Shape
from registry.optics import given, settling
from registry.optics.listing import BATCHES
from registry.optics.models import OpticBatch
from registry.optics.taking import take
from registry.web.acting import own_row, pressed
from registry.web.forms import Form, done
from registry.web.identity import actor, settings
from registry.web.lists.asked import asked, one_page
from registry.web.optics.moments import LocalMoment
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("optic_batches", __name__)
Page = Response | tuple[str, int]
MOST_BYTES = 16 * 1024**2
MOST_TEXT = 400_000  # characters that are pasted; more comes as a file
SHOWN = 40  # modules on a page
MOST_ERRORS = 8


class Brought(Shape):
    host = Line(max=255)
    port = Line(max=255)
    state = fields.String(validate=validate.OneOf(("", "up", "down")))
    at = LocalMoment()
    register = Flag()
    text = fields.String(validate=validate.Length(max=MOST_TEXT))


class Attached(Shape):
    asset = Ref(required=True)


# --- Bringing one --------------------------------------------------------------------------------------------


@pages.get("/optics/upload")
@allow("optic.read")
def new_batch() -> Page:
    return _bring(Form(Brought(), shown={"host": request.args.get("host", "")[:255]}))


def _bring(form: Form) -> Page:
    known = {"most": most_bytes() // 1024**2, "most_text": MOST_TEXT, "zone": g.customer.time_zone}
    return render_template("optics/upload.html", form=form, **known), form.status


def most_bytes() -> int:
    return min(MOST_BYTES, settings().max_upload_mb * 1024**2)


@pages.post("/optics/upload")
@allow("optic.read", upload=True)
def bring() -> Page:
    """A file, or what was pasted: never both, so that nobody wonders which of them counted."""
    request.max_form_memory_size = MOST_TEXT * 4 + 100_000
    form = Form(Brought(), request.form)
    form.names += ("file",)
    chosen, pasted = _file(), request.form.get("text", "")

    def bring_in(values: dict[str, Any]) -> dict[str, Any]:
        values.pop("text", None)
        values["admin_up"] = {"up": True, "down": False}.get(values.pop("state", ""))
        if (chosen is None) == (not pasted.strip()):
            raise Invalid.field("file", _("Choose a file, or paste a text: one of the two."))
        name, data = chosen or ("", pasted.encode("utf-8", "replace"))
        source = "file" if chosen else "page"
        if len(data) > most_bytes():
            text = _("This file is too large: at most %(size)s MB. Bring it in parts.", size=most_bytes() // 1024**2)
            raise Invalid.field("file", text)
        items = given.from_bytes(data)
        return take(actor(), items, customer=g.customer.id, source=source, name=name, **values)

    if form.send(bring_in, **({} if chosen else {"file": "text"} if pasted.strip() else {})):
        return done(_told(form.answer), "optic_batches.show_batch", batch_id=form.answer["batch"])
    form.errors = {name: _first(texts) if name == "items" else texts for name, texts in form.errors.items()}
    return _bring(form)


def _file() -> tuple[str, bytes] | None:
    """Its name, and no more of it than is looked at."""
    sent = request.files.get("file")
    if sent is None:
        return None
    with sent.stream as stream:
        return (_one_line(sent.filename), stream.read(most_bytes() + 1)) if sent.filename else None


def _one_line(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:255]


def _first(errors: Any) -> Any:
    """What is wrong with the first items of a file, in words: the whole of it may be ten thousand lines."""
    if not isinstance(errors, Mapping):
        return errors
    texts = [f"{int(at) + 1}: {text}" for at, found in errors.items() for text in _sentences(found)]
    left = len(texts) - MOST_ERRORS
    return texts[:MOST_ERRORS] + ([_("And %(count)s more.", count=left)] if left > 0 else [])


def _sentences(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
        return
    for name, more in found.items() if isinstance(found, Mapping) else enumerate(found):
        for text in _sentences(more):
            yield f"{name}: {text}" if isinstance(name, str) and name != "_schema" else text


def _told(taken: Mapping[str, Any]) -> str:
    if not taken["items"]:
        return _("Nothing is stored yet: the modules in it are no assets.")
    return ngettext("%(num)s reading is stored.", "%(num)s readings are stored.", taken["stored"])


# --- What became of it ---------------------------------------------------------------------------------------


@pages.get("/optics/uploads")
@allow("asset.view")
def list_batches() -> Page:
    wanted = asked(BATCHES.arguments())
    fixed = {"customer": g.customer.id, **({} if "sort" in wanted.given else {"sort": "-id"})}
    page = one_page(actor(), BATCHES, wanted, **fixed)
    return render_template("optics/uploads.html", wanted=wanted, page=page), wanted.status


@pages.get("/optics/uploads/<int:batch_id>")
@allow("asset.view")
def show_batch(batch_id: int) -> Page:
    return _shown(own(batch_id))


def own(batch_id: int) -> OpticBatch:
    """The upload of this page's customer. NotFound for another customer's, also to those who may see both."""
    own_row(BATCHES, batch_id)
    return settling.get_batch(actor(), batch_id)


def _shown(batch: OpticBatch, form: Form | None = None) -> Page:
    found = settling.modules_of(actor(), batch, SHOWN + 1)
    around = {
        "batch": batch, "modules": found[:SHOWN], "more": len(found) > SHOWN, "form": form, "shown": SHOWN,
        "fresh": [one["item"] for one in batch.unknown if one["why"] == "not_registered"],
    }  # fmt: skip
    return render_template("optics/batch.html", **around), form.status if form else 200


@pages.post("/optics/uploads/<int:batch_id>/register")
@allow("asset.edit")
def register_waiting(batch_id: int) -> Page:
    batch = own(batch_id)
    form = pressed(lambda: settling.register_waiting(actor(), batch_id))
    if form.status != 200:
        return _shown(batch, form)
    count = form.answer["registered"]
    text = ngettext("%(num)s module is an asset now.", "%(num)s modules are assets now.", count)
    return done(text, "optic_batches.show_batch", batch_id=batch_id)


@pages.post("/optics/uploads/<int:batch_id>/forget")
@allow("asset.edit")
def forget_waiting(batch_id: int) -> Page:
    """`item` of the address: which of the modules; without it all of them."""
    batch, items = own(batch_id), [_number()] if "item" in request.args else None
    form = pressed(lambda: settling.forget_waiting(actor(), batch_id, items))
    if form.status != 200:
        return _shown(batch, form)
    text = ngettext("%(num)s reading is forgotten.", "%(num)s readings are forgotten.", form.answer)
    return done(text, "optic_batches.show_batch", batch_id=batch_id)


def _number() -> int:
    """The module that the address means; -1, which is nobody's, for anything else."""
    number = request.args.get("item", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else -1


@pages.get("/optics/uploads/<int:batch_id>/attach")
@allow("optic.read")
def ask_attach(batch_id: int) -> Page:
    return _attach(own(batch_id), Form(Attached()))


def _attach(batch: OpticBatch, form: Form) -> Page:
    """`item` of the address: which of the modules. One that is waiting no more leads back to the upload."""
    number = request.args.get("item", "")
    found = next((one for one in batch.unknown if str(one["item"]) == number), None)
    if found is None:
        return redirect(url_for("optic_batches.show_batch", batch_id=batch.id))
    return render_template("optics/attach.html", batch=batch, module=found, form=form), form.status


@pages.post("/optics/uploads/<int:batch_id>/attach")
@allow("optic.read")
def attach(batch_id: int) -> Page:
    batch, form, item = own(batch_id), Form(Attached(), request.form), _number()
    if not form.send(lambda values: settling.attach_waiting(actor(), batch_id, item, values["asset"])):
        return _attach(batch, form)
    return done(_("Its readings are taken in."), "optic_batches.show_batch", batch_id=batch_id)
