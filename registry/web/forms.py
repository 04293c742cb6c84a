"""Forms as pages: what was typed becomes what the shapes of the API take, and errors come back beside their fields.

    form = Form(AssetIn(), request.form)
    if form.send(lambda values: add_asset(actor(), customer, values)):
        return done(_("Registered."), "assets.show_asset", asset_id=form.answer.id)
    return render_template("assets/edit.html", form=form), form.status

A form that is shown for the first time is Form(shape, shown=values). The same shape checks page and API, and the verb
says what is wrong with the values: neither rule is written twice.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, url_for
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.kernel.errors import Invalid, Problem, Stale
from registry.kernel.language import N_, _
from registry.kernel.shapes import Ref

STALE = N_(
    "Somebody else has changed this in the meantime. What you typed is still here: look at what stands there now, then "
    "save again to replace it."
)
# Behind the name of what was picked stands its id, so that two things of one name are told apart.
PICKED = re.compile(r"#([0-9]{1,18})\s*\Z")


class Form:
    """`typed`: field -> text as it stands in the form; `errors`: field -> sentences; `status`: of the answer.

    `only` names the fields that are on the page: no other is taken from what was sent. A checkbox is always on the page
    as a hidden "" before it, so that an empty one is sent too.
    """

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        shown: Mapping[str, Any] | None = None,
        only: tuple[str, ...] = (),
    ) -> None:
        self.shape = shape
        self.names = only or tuple(shape.fields)
        self.sent = sent
        self.typed: dict[str, Any] = {}
        self.errors: dict[str, Any] = {}
        self.message = ""
        self.answer: Any = None
        self.status = 200
        for name in self.names:
            if sent is not None and name in sent:
                self.typed[name] = sent.getlist(name) if _many(shape.fields[name]) else sent.getlist(name)[-1]
            elif sent is None and shown and shown.get(name) is not None:
                self.typed[name] = as_typed(shown[name])

    def values(self) -> dict[str, Any]:
        """What was typed, by the shape. Raises ValidationError."""
        given = {}
        for name, text in self.typed.items():
            value = meant(self.shape.fields[name], text)
            if value is not ...:
                given[name] = value
        return self.shape.load(given)  # type: ignore[no-any-return]

    def send(self, verb: Callable[[dict[str, Any]], Any], **names: str) -> bool:
        """Call `verb(values)` and keep its `answer`; or False, with `errors` and `status` set to show the form again.

        `names`: a field of the verb's errors -> the field of this form that it belongs to.
        """
        try:
            self.answer = verb(self.values())
        except ValidationError as error:
            self.errors, self.status = dict(error.normalized_messages()), 422
        except Problem as problem:
            self.errors = {names.get(name, name): text for name, text in problem.errors.items()}
            self.status, self.message = problem.status, "" if self._all_shown(problem) else _said(problem)
        return self.status == 200

    def _all_shown(self, problem: Problem) -> bool:
        """Whether every error stands beside a field, so that nothing is left to say above them."""
        return bool(problem.errors) and all(name in self.names for name in self.errors)

    def other_errors(self) -> dict[str, Any]:
        """Those of no field on the page."""
        return {name: texts for name, texts in self.errors.items() if name not in self.names}


def _said(problem: Problem) -> str:
    """What the verb says, but for what it says to programs."""
    if problem.errors and problem.message == _(Invalid.message):
        return ""  # each error is shown by itself
    return _(STALE) if isinstance(problem, Stale) else problem.message


def done(text: str, endpoint: str, **values: Any) -> Response:
    """On to the next page, which says `text` once."""
    flash(text)
    return redirect(url_for(endpoint, **values), 303)


def _many(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List)


def as_typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return value if isinstance(value, dict) else str(value)


def meant(field: fields.Field[Any], typed: Any) -> Any:
    """The value of JSON that is meant by what was typed; ... for a field left empty that need not be sent."""
    if isinstance(field, fields.List):
        return [meant(field.inner, text) for text in typed if text.strip()]
    if isinstance(field, fields.Boolean):
        return typed in ("true", "on", "1")
    text = typed.replace("\r\n", "\n").strip()
    if not text:
        return None if field.allow_none else "" if isinstance(field, fields.String) else ...
    if isinstance(field, Ref):
        picked = PICKED.search(text)
        return int(picked.group(1)) if picked else text
    if isinstance(field, fields.Integer):
        return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII) else text
    if isinstance(field, fields.Float):
        return float(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text, re.ASCII) else text
    return text
