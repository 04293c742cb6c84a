"""What pages that change things share: the version that a form was read with, buttons that are forms of one press."""

from collections.abc import Callable
from typing import Any

from flask import g, request
from werkzeug.datastructures import MultiDict

from registry.kernel.errors import NotFound
from registry.kernel.listing import Listing
from registry.kernel.shapes import Shape
from registry.web.answers import version_in
from registry.web.forms import Form
from registry.web.identity import actor


def sent_version() -> int:
    """The version that the form was made from; -1, which is nobody's, for one that does not say."""
    return version_in(request.form.get("version", ""))


def own_row(listing: Listing, row_id: int) -> dict[str, Any]:
    """The row as its list describes it. NotFound for another customer's, also to those who may see both."""
    found = listing.one(actor(), row_id)
    if found["customer"] != g.customer.slug:
        raise NotFound()
    return found


def pressed(verb: Callable[[], Any]) -> Form:
    """A button was pressed: `status` of the form is 200, or its `message` says why nothing was done."""
    form = Form(Shape(), MultiDict())
    form.send(lambda _values: verb())
    if form.errors and not form.message:
        form.message = " ".join(text for texts in form.errors.values() for text in texts)
    return form


def filled(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same form without the lines that were left empty: for shapes where nothing means not given."""
    return MultiDict([(name, text) for name, text in sent.items(multi=True) if text.strip()])


def in_parts(name: str, sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same form with the text of one field taken apart at its commas and lines, as a list is typed."""
    ready = MultiDict(sent)
    if name in sent:
        ready.setlist(name, [part.strip() for part in sent[name].replace("\n", ",").split(",")])
    return ready
