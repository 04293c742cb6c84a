"""Pages about handing over: packages of all data, and approvals that a third party is given something."""

from typing import Any

from flask import current_app, g, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.handover import disclosure, leaving, packages
from registry.handover.api import file_of
from registry.handover.custody import OUT
from registry.handover.listing import APPROVALS, CUSTODY_ITEMS, CUSTODY_TASKS, PACKAGES
from registry.handover.models import Approval, CustodyItem, Package
from registry.handover.schemas import DisclosureApprovalIn, PackageIn, RevokeIn
from registry.kernel import clock
from registry.kernel.access import visible
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.listing import LISTINGS, plural
from registry.web.acting import filled
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.tenant import customer_pages
from registry.web.words.codes import word

pages = customer_pages("handover", __name__)
Page = Response | tuple[str, int]
MOST = 25
COMMON = ("assets", "licences", "warranties", "contracts", "contacts", "sites")  # lists that are offered first
OWN_NAME = ("recipient", "purpose", "scope", "valid_until")
ON_PAPER = (*OWN_NAME, "approved_by", "approved_on", "written_reference")


@pages.get("/handover")
@allow("custody.view")
def overview() -> Page:
    return _overview()


def _overview(form: Form | None = None) -> Page:
    who, mine = actor(), {"customer": g.customer.id, "sort": "-id", "limit": MOST}
    items = lambda right, listing, **more: (  # noqa: E731
        listing.page(who, {**mine, **more})["items"] if who.can(right, g.customer.id) else None
    )
    around = {
        "packages": items("package.make", PACKAGES), "approvals": items("disclosure.view", APPROVALS),
        "tasks": items("custody.view", CUSTODY_TASKS), "out": items("custody.view", CUSTODY_ITEMS, out=True),
        "overdue": _overdue(), "today": clock.today(g.customer.time_zone), "form": form or Form(PackageIn(), shown={}),
        "may_approve": _may_approve(), "departure": _departure(),
    }  # fmt: skip
    return render_template("handover/overview.html", **around), form.status if form else 200


def _overdue() -> int:
    late = OUT & CustodyItem.due_at.is_null(False) & (CustodyItem.due_at <= clock.now())
    mine = visible(CustodyItem, actor()).where(CustodyItem.customer_id == g.customer.id)
    return int(mine.where(late).count())


def _may_approve() -> bool:
    own = disclosure.own_people(actor(), g.customer.id)
    return actor().can("disclosure.approve" if own else "disclosure.record", g.customer.id)


def _departure() -> Any:
    may = actor().can("customer.erase", g.customer.id)
    return leaving.departure_of(actor(), g.customer) if may else None


# --- Packages ----------------------------------------------------------------------------------------------


@pages.post("/handover/packages")
@allow("package.make")
def request_package() -> Page:
    form = Form(PackageIn(), filled(request.form))
    if not form.send(lambda values: packages.request_package(actor(), g.customer.slug, values)):
        return _overview(form)
    made = form.answer
    jobs = current_app.extensions["assetcare_jobs"]
    jobs.enqueue("handover.make_package", package_id=made.id, customer_id=made.customer_id)
    return done(_("The package is being made."), "handover.show_package", package_id=made.id)


@pages.get("/handover/packages/<int:package_id>")
@allow("package.make")
def show_package(package_id: int) -> str:
    """While it is being made, the part that tells how far is asked for again every two seconds."""
    found = _package(package_id)
    shown, working = PACKAGES.one(actor(), package_id), found.state in packages.OPEN
    around = {"package": shown, "progress": packages.progress_of(found), "working": working}
    if request.headers.get("HX-Request"):
        return render_template("handover/_package.html", **around)
    return render_template("handover/package.html", **around)


def _package(package_id: int) -> Package:
    found = packages.get_package(actor(), package_id)
    if found.customer_id != g.customer.id:
        raise NotFound()
    return found


@pages.get("/handover/packages/<int:package_id>/file")
@allow("package.make", sudo=True)
def download_package(package_id: int) -> Response:
    """Every time the file is fetched, that is put on record."""
    _package(package_id)
    who = actor()
    found = packages.take_package(who, package_id)
    return file_of(found, lambda: packages.arrived(who, found))


# --- Approvals ---------------------------------------------------------------------------------------------


@pages.get("/handover/approvals/new")
@allow("disclosure.approve")
def new_approval() -> Page:
    return _approval_form(Form(DisclosureApprovalIn(), shown={"scope": ["assets"]}, only=_fields()))


@pages.post("/handover/approvals/new")
@allow("disclosure.approve")
def create_approval() -> Page:
    form = Form(DisclosureApprovalIn(), filled(request.form), only=_fields())
    if form.send(lambda values: disclosure.approve(actor(), {**values, "customer": g.customer.id})):
        return done(_("The approval is stored."), "handover.show_approval", approval_id=form.answer.id)
    return _approval_form(form)


def _fields() -> tuple[str, ...]:
    return OWN_NAME if disclosure.own_people(actor(), g.customer.id) else ON_PAPER


def _approval_form(form: Form) -> Page:
    around = {"own": _fields() is OWN_NAME, "scopes": _scopes(), "back": url_for("handover.overview")}
    return render_template("handover/approval_form.html", form=form, **around), form.status


def _scopes() -> list[tuple[str, str]]:
    kinds = {plural(kind): kind for kind in LISTINGS}
    listed = [(name, word("list", name)) for name in COMMON if name in kinds]
    listed += [(name, _(title)) for name, title in disclosure.SCOPES.items()]
    return [*listed, (disclosure.PACKAGE, _("A package of all data")), (disclosure.EVERYTHING, _("Everything"))]


@pages.get("/handover/approvals/<int:approval_id>")
@allow("disclosure.view")
def show_approval(approval_id: int) -> Page:
    return _approval(approval_id)


def _approval(approval_id: int, form: Form | None = None) -> Page:
    found: Approval = disclosure.get_approval(actor(), approval_id)
    if found.customer_id != g.customer.id:
        raise NotFound()
    around = {
        "approval": APPROVALS.one(actor(), approval_id), "today": clock.today(g.customer.time_zone).isoformat(),
        "may_approve": _may_approve(), "form": form or Form(RevokeIn(), shown={}), "scopes": dict(_scopes()),
    }  # fmt: skip
    return render_template("handover/approval.html", **around), form.status if form else 200


@pages.post("/handover/approvals/<int:approval_id>/revoke")
@allow("disclosure.approve")
def revoke_approval(approval_id: int) -> Page:
    found = disclosure.get_approval(actor(), approval_id)
    if found.customer_id != g.customer.id:
        raise NotFound()
    form = Form(RevokeIn(), filled(request.form))
    if form.send(lambda values: disclosure.revoke(actor(), approval_id, values["reason"])):
        return done(_("The approval is withdrawn."), "handover.show_approval", approval_id=approval_id)
    return _approval(approval_id, form)
