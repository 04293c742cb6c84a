"""Pages that lead a file in, step by step: choose it, say what its columns mean. A look at what it would do follows."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import g, redirect, render_template, request, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from registry.imports import drafts, examples
from registry.imports.api import PATIENCE, enqueue, is_large
from registry.imports.drafts import Look
from registry.imports.listing import KIND_NAMES, MAPPINGS
from registry.imports.mapping import normalise
from registry.imports.models import MODES, ImportSession
from registry.imports.pages import Page, kinds_for, own, pages, shown
from registry.imports.run import KINDS
from registry.imports.schemas import DATE_ORDERS, ENCODINGS
from registry.kernel import tabular
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.shapes import Flag, Line, Shape
from registry.web.acting import pressed, sent_version
from registry.web.answers import stream
from registry.web.forms import Form, done
from registry.web.identity import actor, settings
from registry.web.lists.downloads import disposition
from registry.web.lists.exports_api import TYPES
from registry.web.policy import allow

MOST_CHOICES = 1200  # in drop-downs; with more columns, fields are typed, with one list of proposals for all


class Brought(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(KIND_NAMES))


class Reading(Shape):
    encoding = fields.String(allow_none=True, validate=ENCODINGS)
    delimiter = fields.String(allow_none=True, validate=validate.OneOf(("comma", "semicolon", "tab", "pipe")))
    sheet = Line(max=100, allow_none=True)


class Prepared(Shape):
    mode = fields.String(required=True, validate=validate.OneOf(MODES))
    key = fields.String(allow_none=True, validate=validate.Length(1, 64))
    date_order = fields.String(allow_none=True, validate=validate.OneOf(DATE_ORDERS))
    decimal_mark = fields.String(allow_none=True, validate=validate.OneOf((".", ",")))
    create_missing = Flag()
    remember = Line(max=100, allow_none=True)


# --- The file -------------------------------------------------------------------------------------------------


@pages.get("/imports/new")
@allow("import.run")
def new_import() -> Page:
    return _bring(Form(Brought(), shown={"kind": request.args.get("kind", "assets")}))


def _bring(form: Form) -> Page:
    kinds = kinds_for(actor())
    if not kinds:
        raise Forbidden()
    return render_template("imports/new.html", form=form, kinds=kinds, most=settings().max_upload_mb), form.status


@pages.post("/imports/new")
@allow("import.run", upload=True)
def bring_file() -> Page:
    form, sent = Form(Brought(), request.form, only=("kind",)), request.files.get("file")

    def bring(values: dict[str, str]) -> ImportSession:
        if sent is None or not sent.filename:
            raise Invalid.field("file", _("Choose a file."))
        known = {**values, "customer": g.customer.id, "filename": sent.filename}
        with sent.stream:
            return drafts.bring_file(actor(), known, lambda path: sent.save(path))

    form.names += ("file",)
    if not form.send(bring):
        return _bring(form)
    return redirect(url_for("imports.edit_columns", session_id=form.answer.id), 303)


# --- Its columns ----------------------------------------------------------------------------------------------


@pages.get("/imports/<int:session_id>/columns")
@allow("import.run")
def edit_columns(session_id: int) -> Page:
    session = own(session_id)
    if session.state not in drafts.OPEN:
        return shown(session)
    look = _look(session)
    if look is None:
        return shown(session, _gone())
    known = {"create_missing": True, **session.options, "mode": session.mode, "key": session.key}
    return _columns(session, look, Form(Prepared(), shown=known))


def _look(session: ImportSession) -> Look | None:
    """None when the file is not there any more."""
    try:
        return drafts.look_into(actor(), session)
    except Conflict:
        return None


def _gone() -> Form:
    form = Form(Shape())
    form.message, form.status = drafts.gone().message, 409
    return form


def _columns(
    session: ImportSession, look: Look, form: Form, chosen: dict[int, str] | None = None, reading: Form | None = None
) -> Page:
    if chosen is None:
        chosen = {at: spec.name for at, spec in look.matched.columns.items()} if look.matched else {}
    mine = {"customer": g.customer.id, "kind": session.kind, "limit": 100}
    options = session.options
    marks = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    read = {"encoding": options.get("encoding"), "sheet": options.get("sheet"),
            "delimiter": marks.get(options.get("delimiter", ""), options.get("delimiter"))}  # fmt: skip
    around = {
        "run": session, "look": look, "form": form, "chosen": chosen, "fields": _fields(look), "keys": _keys(session),
        "reading": reading or Form(Reading(), shown=read), "typed": len(look.headers) * len(look.fields) > MOST_CHOICES,
        "mappings": MAPPINGS.page(actor(), mine)["items"], "wanting": _wanting(look, chosen),
    }  # fmt: skip
    return render_template("imports/columns.html", **around), (reading or form).status


def _fields(look: Look) -> list[tuple[str, str]]:
    return [(spec.name, _(spec.title)) for spec in look.fields if spec.name not in examples.FOR_PROGRAMS] + [
        (spec.name, _(spec.title)) for spec in look.fields if spec.name in examples.FOR_PROGRAMS
    ]


def _keys(session: ImportSession) -> list[tuple[str, str]]:
    titles = {spec.name: _(spec.title) for spec in KINDS[session.kind].fields(actor(), g.customer, {})}
    return [(name, titles[name]) for name in KINDS[session.kind].keys]


def _wanting(look: Look, chosen: dict[int, str]) -> list[str]:
    """What cannot do without a column and has none."""
    have, titles = set(chosen.values()), {spec.name: _(spec.title) for spec in look.fields}
    missing = [spec for spec in look.fields if spec.required and not {spec.name, spec.instead} & have]
    return [
        _("%(one)s or %(other)s", one=_(spec.title), other=titles[spec.instead]) if spec.instead else _(spec.title)
        for spec in missing
    ]


@pages.post("/imports/<int:session_id>/columns")
@allow("import.run")
def prepare_import(session_id: int) -> Page:
    session = own(session_id)
    look, form = _look(session), Form(Prepared(), request.form)
    if look is None:
        return shown(session, _gone())
    chosen, strange = _chosen(look)
    how: dict[str, Any] = {
        "version": sent_version(), "in_worker": is_large(session.file_size or 0), "patience": PATIENCE,
    }  # fmt: skip

    def prepare(values: dict[str, Any]) -> ImportSession:
        if strange:
            raise Invalid.field("mapping", _("There is no field %(name)s. Choose from the list.", name=strange[0]))
        mapping = {header: chosen.get(at) for at, header in enumerate(look.headers) if header}
        return drafts.prepare_import(actor(), session_id, {**values, "mapping": mapping}, **how)

    if form.send(prepare):
        enqueue(form.answer)
        return redirect(url_for("imports.show_import", session_id=session_id), 303)
    again = own(session_id)
    if again.state == "failed" and again.version != session.version:  # it was the file, and that is told there
        return shown(again, form)
    return _columns(again, look, form, chosen)


def _chosen(look: Look) -> tuple[dict[int, str], list[str]]:
    """(column -> field, what names no field), out of the form: by the field's name, or by what it is called."""
    known = {normalise(text): spec.name for spec in look.fields for text in (_(spec.title), spec.title, spec.name)}
    known |= {spec.name: spec.name for spec in look.fields}
    found, strange = {}, []
    for at in range(len(look.headers)):
        text = request.form.get(f"f{at}", "").strip()
        name = known.get(text) or known.get(normalise(text))
        if name:
            found[at] = name
        elif text:
            strange.append(text[:80])
    return found, strange


@pages.post("/imports/<int:session_id>/reading")
@allow("import.run")
def read_otherwise(session_id: int) -> Page:
    session, form = own(session_id), Form(Reading(), request.form)
    if form.send(lambda values: drafts.read_otherwise(actor(), session_id, values, sent_version())):
        return redirect(url_for("imports.edit_columns", session_id=session_id), 303)
    look = _look(session) if session.state in drafts.OPEN else None
    if look is None:
        return shown(session, form)
    return _columns(session, look, Form(Prepared(), shown={"create_missing": True, "mode": session.mode}), None, form)


@pages.post("/imports/<int:session_id>/saved-mapping")
@allow("import.run")
def use_mapping(session_id: int) -> Page:
    own(session_id)
    name = request.form.get("saved_mapping", "")
    form = pressed(lambda: drafts.use_mapping(actor(), session_id, name, sent_version()))
    if form.status != 200:
        return shown(own(session_id), form)
    return done(_("The saved choices are taken over."), "imports.edit_columns", session_id=session_id)


# --- Examples -------------------------------------------------------------------------------------------------


@pages.get("/imports/examples")
@allow("import.run")
def show_examples() -> Page:
    """Which columns a file may have, and files to begin with."""
    kinds = kinds_for(actor())
    kind = request.args.get("kind") or next(iter(kinds), "assets")
    if kind not in KINDS:
        raise NotFound()
    rows = examples.headings(actor(), g.customer, kind)
    titles = {row.spec.name: row.title for row in rows}
    around = {"kind": kind, "kinds": kinds, "headings": rows, "titles": titles, "keys": KINDS[kind].keys}
    return render_template("imports/examples.html", **around), 200


@pages.get("/imports/examples/<kind>.<any(csv, xlsx):form>")
@allow("import.run")
def get_example(kind: str, form: str) -> Response:
    if kind not in KINDS:
        raise NotFound()
    rows = examples.headings(actor(), g.customer, kind)
    columns = [row.column() for row in rows]
    lines = [tuple(row.values[at] for row in rows) for at in (0, 1)]
    data = tabular.write_csv(columns, lines, bom=True) if form == "csv" else [_workbook(columns, lines)]
    answer = stream(data, TYPES[form], f"{kind}.{form}")
    answer.headers["Content-Disposition"] = disposition(f"{_('example')}-{kind}.{form}")
    return answer


def _workbook(columns: list[tabular.Column], lines: list[tuple[Any, ...]]) -> bytes:
    with TemporaryDirectory(prefix="assetcare-example-") as folder:
        path = Path(folder, "example.xlsx")
        tabular.write_xlsx(columns, lines, path)
        return path.read_bytes()
