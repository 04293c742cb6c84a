"""Pages about imports: which there were, what each did or would do row by row, carrying it out, taking it back."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.imports import drafts, service, store
from registry.imports.api import PATIENCE, enqueue, is_large, is_long
from registry.imports.listing import CHANGES, IMPORTS, changes_of
from registry.imports.models import ImportSession
from registry.imports.run import KEPT_CHANGES, KINDS
from registry.imports.schemas import ApplyQuery
from registry.imports.undo import outlook
from registry.kernel import tabular
from registry.kernel.access import Actor
from registry.kernel.errors import NotFound
from registry.kernel.language import N_, _
from registry.web.acting import pressed, sent_version
from registry.web.answers import stream
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.import_changes import place, told
from registry.web.lists.asked import asked, one_page, paged
from registry.web.navigation import url_if
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("imports", __name__)
Page = Response | tuple[str, int]
SHOWN = 25  # changes on a page
LISTS = {
    "assets": "assets.list_assets", "licences": "licences.list_licences", "contacts": "contacts.list_contacts",
    "sites": "sites.list_sites", "products": "products.list_products",
}  # fmt: skip
SAID = {
    "applied": N_("Imported."), "failed": N_("Nothing was imported: see what was refused."),
    "queued": N_("The import begins in a moment."), "undone": N_("The import is undone."),
    "undoing": N_("The undo begins in a moment."),
}  # fmt: skip
OBJECTS = {"asset": "assets", "licence": "licences", "contact": "contacts", "site": "sites", "product": "products"}


@pages.get("/imports")
@allow("import.run")
def list_imports() -> Page:
    wanted = asked(IMPORTS.arguments())
    fixed = {"customer": g.customer.id, **({} if "sort" in wanted.given else {"sort": "-id"})}
    page = one_page(actor(), IMPORTS, wanted, **fixed)
    around = {"wanted": wanted, "page": page, "kinds": kinds_for(actor())}
    return render_template("imports/list.html", **around), wanted.status


def kinds_for(who: Actor) -> list[str]:
    """What he may bring into this customer's registry."""
    mine = g.customer.id
    return [name for name, kind in KINDS.items() if any(who.can(right, mine) for right in kind.permissions)]


def own(session_id: int) -> ImportSession:
    """The import of this page's customer. NotFound for another customer's, also to those who may see both."""
    found = service.get_import(actor(), session_id)
    if found.customer_id != g.customer.id:
        raise NotFound()
    return found


@pages.get("/imports/<int:session_id>")
@allow("import.run")
def show_import(session_id: int) -> Page:
    session = own(session_id)
    if session.state == "draft":
        return redirect(url_for("imports.edit_columns", session_id=session_id))
    return shown(session)


def shown(session: ImportSession, form: Form | None = None) -> Page:
    """While it is under way, the part that tells how far is asked for again every two seconds."""
    wanted = asked(CHANGES.arguments())
    wanted.values.update({} if "limit" in wanted.given else {"limit": SHOWN})
    page = paged(wanted, lambda values: changes_of(actor(), session, values))
    working = session.state in service.UNDER_WAY
    around = {
        "run": session, "wanted": wanted, "page": page, "rows": told(actor(), g.customer, session, page["items"]),
        "working": working, "progress": store.progress(session.file_key) if working else None, "form": form,
        "kept": session.state in drafts.OPEN and store.exists(session.file_key),
        "list_url": url_if(LISTS[session.kind], **{"import": session.id}), "most": KEPT_CHANGES,
    }  # fmt: skip
    status = form.status if form else wanted.status
    if request.headers.get("HX-Request"):
        return render_template("imports/_import.html", **around), status
    return render_template("imports/import.html", **around), status


@pages.post("/imports/<int:session_id>/apply")
@allow("import.run")
def apply_import(session_id: int) -> Page:
    session, form = own(session_id), Form(ApplyQuery(), request.form)
    how: dict[str, Any] = {"in_worker": is_large(session.file_size or 0), "patience": PATIENCE}
    form.send(lambda values: service.apply_import(actor(), session_id, **values, **how))
    if form.status != 200:
        return shown(own(session_id), form)
    enqueue(form.answer)
    return done(_(SAID[form.answer.state]), "imports.show_import", session_id=session_id)


@pages.post("/imports/<int:session_id>/discard")
@allow("import.run")
def discard_import(session_id: int) -> Page:
    own(session_id)
    form = pressed(lambda: drafts.discard_import(actor(), session_id, sent_version()))
    if form.status != 200:
        return shown(own(session_id), form)
    return done(_("The file is thrown away. Nothing of it was imported."), "imports.list_imports")


@pages.get("/imports/<int:session_id>/problems.csv")
@allow("import.run")
def get_problems(session_id: int) -> Response:
    """What was refused, one line for each cell at fault."""
    session = own(session_id)
    titles = (("line", _("Line")), ("column", _("Column")), ("value", _("Value")), ("message", _("What to do")))
    columns = [tabular.Column(name, title, "integer" if name == "line" else "text") for name, title in titles]
    rows = [tuple(error[name] for name, _title in titles) for error in session.errors]
    data = tabular.write_csv(columns, rows, bom=True)
    return stream(data, "text/csv; charset=utf-8", f"import-{session_id}-problems.csv")


@pages.get("/imports/<int:session_id>/undo")
@allow("import.run")
def ask_undo(session_id: int) -> Page:
    session = own(session_id)
    return _undo(session) if session.state == "applied" else show_import(session_id)


def _undo(session: ImportSession, form: Form | None = None) -> Page:
    view = outlook(actor(), session)
    places = [place(one.table, one.id) for one in view.obstacles]
    around = {"run": session, "view": view, "form": form, "objects": OBJECTS, "places": places}
    return render_template("imports/undo.html", **around), form.status if form else 200


@pages.post("/imports/<int:session_id>/undo")
@allow("import.run")
def undo_import(session_id: int) -> Page:
    session = own(session_id)
    how: dict[str, Any] = {"in_worker": is_long(session), "patience": PATIENCE}
    form = pressed(lambda: service.undo_import(actor(), session_id, **how))
    if form.status != 200:
        return _undo(session, form) if session.state == "applied" else shown(session, form)
    enqueue(form.answer)
    return done(_(SAID[form.answer.state]), "imports.show_import", session_id=session_id)
