"""Pages about warranty terms: every version to read, an editor with a preview, publishing the next one."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.kernel import clock
from registry.kernel.access import fetch
from registry.kernel.errors import NotFound
from registry.kernel.language import N_, _
from registry.kernel.shapes import Shape, Whole
from registry.warranty import terms_service
from registry.warranty.causes import CAUSE_CLASSES, CAUSES
from registry.warranty.listing import TERMS
from registry.warranty.models import Terms, TermsVersion
from registry.warranty.schemas import TermsIn, VersionIn
from registry.web.acting import sent_version
from registry.web.customer import choices, customer_id_of, names_of
from registry.web.forms import done
from registry.web.identity import actor
from registry.web.lists import cells
from registry.web.lists.asked import asked
from registry.web.lists.cells import Around, Cell, Row, Show
from registry.web.lists.tables import Answer, Empty, New, Table, customer_or_house, of_customer, table
from registry.web.policy import allow
from registry.web.terms_form import TermsForm, preview
from registry.web.words.codes import word

pages = Blueprint("terms", __name__, url_prefix="/terms")
Page = Response | tuple[str, int]
NEW = ("code", "name", "customer", "note")
# Causes as the form lists them: each class with those of it.
GROUPS = [
    {"code": code, "causes": [cause.code for cause in CAUSES.values() if cause.kind == code]} for code in CAUSE_CLASSES
]


def _promises(row: Row, _around: Around) -> Cell:
    return Cell(_(", ").join(word("remedy", each["remedy"]) for each in row["body"]["coverages"]))


TABLE = table(
    Table(
        TERMS,
        N_("Warranty terms"),
        shown=("name", "body", "current", "published_at", "customer"),
        shows=(
            Show("name", N_("Terms"), ("name", "code"), cells.shipped("name", "code")),
            Show("body", N_("Promises"), ("body",), _promises),
            Show("current", N_("Version"), ("current",), cells.whole("current")),
            Show("customer", N_("For"), ("customer",), customer_or_house),
        ),
        controls=(of_customer,),
        details=("terms.show_terms",),
        new=New(N_("New terms"), "terms.edit", ("terms.new_terms",)),
        empty=Empty(N_("No warranty terms yet."), N_("Write the first ones: what is promised, for how long.")),
        house="terms.list_terms",
    )
)


class VersionQuery(Shape):
    """`version`: which one to read; the current one unless given."""

    version = Whole(1, 10**6)


@pages.get("")
@allow("warranty.view")
def list_terms() -> Answer:
    return TABLE.answer()


@pages.get("/<int:terms_id>")
@allow("warranty.view")
def show_terms(terms_id: int) -> Page:
    wanted, row = asked(VersionQuery()), TERMS.one(actor(), terms_id)
    versions = terms_service.versions(actor(), terms_id)
    number = wanted.values.get("version", row["current"])
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise NotFound()
    given = terms_service.given_under(actor(), [each.id for each in versions])
    owner = names_of(actor(), [row["customer"]]).get(row["customer"]) if row["customer"] else None
    known = {"terms": row, "owner": owner, "shown": version, "body": version.body, "given": given}
    may_edit = actor().can("terms.edit")
    around = {"wanted": wanted, "may_edit": may_edit, "versions": versions[::-1]}
    return render_template("terms/terms.html", **around, **known), wanted.status


# --- New terms, new versions -------------------------------------------------------------------------------


@pages.get("/new")
@allow("terms.edit")
def new_terms() -> Page:
    """?from= names the terms to start from."""
    number = request.args.get("from", "")
    start = terms_service.current_of(actor(), int(number)) if number.isdecimal() and len(number) < 18 else None
    shown = dict(start.body) if start else {"start_basis": "delivery", "covers_causes": ["non_human"]}
    return _new(TermsForm(TermsIn(), shown=shown, only=NEW))


@pages.post("/new")
@allow("terms.edit")
def create_terms() -> Page:
    form = TermsForm(TermsIn(), request.form, only=NEW)
    if _only_looked(form) or not form.send(_create):
        return _new(form)
    return done(_("The terms are published."), "terms.show_terms", terms_id=form.answer.id)


def _create(values: dict[str, Any]) -> Terms:
    customer_id = customer_id_of(actor(), values.pop("customer"))
    return terms_service.create_terms(actor(), values, customer_id)


def _new(form: TermsForm) -> Page:
    action, back = url_for("terms.create_terms"), url_for("terms.list_terms")
    return _edit(form, None, action=action, back=back, customers=choices(actor()))


@pages.get("/<int:terms_id>/edit")
@allow("terms.edit")
def edit_terms(terms_id: int) -> Page:
    row, version = _current(terms_id)
    return _next(row, TermsForm(VersionIn(), shown=version.body))


@pages.post("/<int:terms_id>/edit")
@allow("terms.edit")
def publish_terms(terms_id: int) -> Page:
    row, _version = _current(terms_id)
    form = TermsForm(VersionIn(), request.form)

    def publish(values: dict[str, Any]) -> TermsVersion:
        return terms_service.publish(actor(), terms_id, values["body"], values["note"], sent_version())

    if _only_looked(form) or not form.send(publish):
        return _next(row, form)
    told = _("Version %(number)s is published. New warranties rest on it.", number=form.answer.number)
    return done(told, "terms.show_terms", terms_id=terms_id)


def _current(terms_id: int) -> tuple[Terms, TermsVersion]:
    row = fetch(Terms, actor(), terms_id)
    return row, terms_service.version_of(actor(), row, row.current)


def _next(row: Terms, form: TermsForm) -> Page:
    back = url_for("terms.show_terms", terms_id=row.id)
    return _edit(form, row, action=url_for("terms.publish_terms", terms_id=row.id), back=back)


def _only_looked(form: TermsForm) -> bool:
    """A button was pressed that changes the form alone."""
    return form.rearranged or request.form.get("act") == "preview"


def _edit(form: TermsForm, row: Terms | None, **more: Any) -> Page:
    seen = preview(form, request.form.get("preview_on", ""), clock.today())
    return render_template("terms/edit.html", form=form, terms=row, seen=seen, cause_groups=GROUPS, **more), form.status


@pages.post("/preview")
@allow("terms.edit")
def preview_terms() -> str:
    """What the draft that was sent would promise. Keeps nothing."""
    form = TermsForm(VersionIn(), request.form)
    return render_template("terms/_preview.html", seen=preview(form, request.form.get("preview_on", ""), clock.today()))
