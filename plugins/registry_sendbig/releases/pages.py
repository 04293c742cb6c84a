"""Pages of the house about releases, under /x/sendbig/releases: draft, publish, withdraw, see where each is."""

from typing import Any

from flask import request

from registry.sdk import (
    Date,
    Form,
    Line,
    Product,
    Prose,
    Ref,
    Shape,
    Stale,
    _,
    allow,
    asked,
    customer_by,
    done,
    fetch,
    link,
    me,
    one_page,
    pressed,
    render_template,
    sent_version,
    visible,
)
from registry_sendbig.models import Release
from registry_sendbig.places import house
from registry_sendbig.releases import grants, report, taking
from registry_sendbig.releases import service as releases
from registry_sendbig.releases import views as release_views
from registry_sendbig.releases.listing import RELEASES, TAKINGS
from registry_sendbig.releases.schemas import (
    ReleaseCustomersQuery,
    ReleaseUnitsQuery,
    SendbigFileMark,
    SendbigReleaseChange,
    SendbigReleaseIn,
    SendbigWithdrawal,
    end_of,
)
from registry_sendbig.releases.words import choices
from registry_sendbig.uploads.direct import opens_store

Page = Any
MOST = 20
TEXTS = ("title", "version_name", "from_version", "below_version", "problem", "known_error", "note")


class GrantForm(Shape):
    customer = Ref(required=True)
    email = Line(min=1, max=255, required=True)
    why = Prose(max=5_000, required=True)
    until = Date(allow_none=True)


class Typed(Shape):
    q = Line(max=100)


@house.get("/releases")
@allow("sendbig.survey")
def list_releases() -> Page:
    wanted = asked(RELEASES.arguments())
    page = one_page(me(), RELEASES, wanted, sort="-id")
    return render_template(
        "sendbig/releases/list.html", wanted=wanted, page=page, states=choices("state"), tones=release_views.TONES,
        words=dict(choices("state")),
    ), wanted.status  # fmt: skip


@house.get("/releases/products")
@allow("sendbig.release")
def find_products() -> Page:
    """What the field for the product offers while somebody types."""
    wanted = asked(Typed())
    text = wanted.values.get("q", "")
    fitting = Product.name.contains(text) | Product.part_number.contains(text) | Product.maker.contains(text)
    rows = [] if wanted.errors else visible(Product, me()).where(Product.customer_id.is_null() & fitting).limit(MOST)
    options = [f"{one.label} #{one.id}" for one in rows]
    return render_template("parts/options.html", options=options), wanted.status


@house.get("/releases/new")
@allow("sendbig.release")
def new_release() -> Page:
    return _edit(Form(SendbigReleaseIn()))


@house.post("/releases/new")
@allow("sendbig.release")
def draft_release() -> Page:
    form = Form(SendbigReleaseIn(), request.form)
    if form.send(lambda values: releases.create_release(me(), values)):
        return done(_("Drafted. Now add its files."), "sendbig_house.show_release", release_id=form.answer.id)
    return _edit(form)


@house.get("/releases/<int:release_id>/edit")
@allow("sendbig.release")
def edit_release(release_id: int) -> Page:
    release = releases.for_writing(me(), release_id)
    return _edit(Form(SendbigReleaseChange(), shown=release.__data__), release)


@house.post("/releases/<int:release_id>/edit")
@allow("sendbig.release")
def save_release(release_id: int) -> Page:
    form = Form(SendbigReleaseChange(), request.form)
    if form.send(lambda values: releases.change_release(me(), release_id, values, sent_version())):
        return done(_("Saved."), "sendbig_house.show_release", release_id=release_id)
    return _edit(form, releases.for_writing(me(), release_id))


def _edit(form: Form, release: Release | None = None) -> Page:
    product = fetch(Product, me(), release.product_id) if release else None
    return render_template("sendbig/releases/edit.html", form=form, release=release, product=product), form.status


@house.get("/releases/<int:release_id>")
@allow("sendbig.survey")
def show_release(release_id: int) -> Page:
    return _show(release_id)


def _show(release_id: int, form: Form | None = None, granting: Form | None = None) -> Page:
    """`form`: a button that could not be carried out; `granting`: an approval that could not be given."""
    release = releases.release_of(me(), release_id)
    page = release_views.release_page(me(), release)
    form, granting = form or Form(SendbigWithdrawal()), granting or Form(GrantForm())
    status = granting.status if granting.status != 200 else form.status
    address = link(f"/x/sendbig/flow/releases/{release.id}/files")
    return render_template(
        "sendbig/releases/one.html", form=form, granting=granting, kinds=choices("kind"),
        audiences=choices("audience"), address=address, opens_store=opens_store, **page,
    ), status  # fmt: skip


def _pressed(release_id: int, form: Form, told: str) -> Page:
    """Back to the page of the release, or that page with what was wrong."""
    if form.status == 200:
        return done(told, "sendbig_house.show_release", release_id=release_id)
    if form.status == Stale.status:
        form.message = _("Somebody else has changed this meanwhile. Look at what stands here now, then try again.")
    return _show(release_id, form)


@house.get("/releases/<int:release_id>/files")
@allow("sendbig.survey")
def part_release_files(release_id: int) -> Page:
    """The list of files alone, for the page that is open while they arrive."""
    release = releases.release_of(me(), release_id)
    files = release_views.house_files(me(), release, change=me().can("sendbig.release"))
    busy = any(one["state"] in ("receiving", "checking") for one in files)
    return render_template(
        "sendbig/releases/_files.html", files=files, busy=busy, kinds=choices("kind"), audiences=choices("audience")
    )


@house.post("/releases/<int:release_id>/publish")
@allow("sendbig.release")
def publish_release(release_id: int) -> Page:
    form = pressed(lambda: releases.publish(me(), release_id, sent_version()))
    return _pressed(release_id, form, _("Published. Those who are entitled are being written to."))


@house.post("/releases/<int:release_id>/withdraw")
@allow("sendbig.release")
def withdraw_release(release_id: int) -> Page:
    form = Form(SendbigWithdrawal(), request.form, only=("reason",))
    form.send(lambda values: releases.withdraw(me(), release_id, values["reason"], sent_version()))
    return _pressed(release_id, form, _("Withdrawn. Those who took it are being written to."))


@house.post("/releases/<int:release_id>/remove")
@allow("sendbig.release")
def remove_release(release_id: int) -> Page:
    form = pressed(lambda: releases.remove_release(me(), release_id, sent_version()))
    if form.status == 200:
        return done(_("The draft is gone."), "sendbig_house.list_releases")
    return _pressed(release_id, form, "")


@house.post("/release-files/<int:release_file_id>")
@allow("sendbig.release")
def mark_release_file(release_file_id: int) -> Page:
    release_id = releases.file_of(me(), release_file_id).release_id
    form = Form(SendbigFileMark(), request.form)
    form.send(lambda values: releases.change_file(me(), release_file_id, values, sent_version()))
    return _pressed(release_id, form, _("Saved."))


@house.post("/release-files/<int:release_file_id>/remove")
@allow("sendbig.release")
def remove_release_file(release_file_id: int) -> Page:
    release_id = releases.file_of(me(), release_file_id).release_id
    form = pressed(lambda: releases.remove_file(me(), release_file_id, sent_version()))
    return _pressed(release_id, form, _("The file is removed."))


@house.route("/flow/release-files/<int:release_file_id>", methods=["GET", "HEAD"])
@allow("sendbig.survey")
def fetch_release_file(release_file_id: int) -> Page:
    return taking.send_to_staff(me(), release_file_id)


# --- Where it has arrived --------------------------------------------------------------------------------------


@house.get("/releases/<int:release_id>/customers")
@allow("sendbig.survey")
def list_release_customers(release_id: int) -> Page:
    release = releases.release_of(me(), release_id)
    wanted = asked(ReleaseCustomersQuery())
    rows, following = ([], None) if wanted.errors else report.customers(me(), release_id, **wanted.values)
    return render_template(
        "sendbig/releases/customers.html", release=release, rows=rows, next=following, wanted=wanted
    ), wanted.status  # fmt: skip


@house.get("/releases/<int:release_id>/units")
@allow("sendbig.survey")
def list_release_units(release_id: int) -> Page:
    release = releases.release_of(me(), release_id)
    wanted = asked(ReleaseUnitsQuery())
    values = dict(wanted.values)
    customer = values.pop("customer", None)
    found = pressed(lambda: None)
    rows: list[dict[str, Any]] = []
    following = None
    if not wanted.errors:
        found = pressed(lambda: report.units(me(), release_id, customer_id=_owner(customer), **values))
        rows, following = found.answer or ([], None)
    return render_template(
        "sendbig/releases/units.html", release=release, rows=rows, next=following, wanted=wanted, form=found,
        states=choices("unit"), numbers=report.numbers(me(), release_id),
    ), wanted.status if wanted.errors else found.status  # fmt: skip


def _owner(customer: Any) -> int | None:
    return None if customer is None else int(customer_by(me(), customer).id)


@house.get("/releases/<int:release_id>/takings")
@allow("sendbig.survey")
def list_release_takings(release_id: int) -> Page:
    release = releases.release_of(me(), release_id)
    wanted = asked(TAKINGS.arguments())
    page = one_page(me(), TAKINGS, wanted, release=release_id, sort="-id")
    return render_template("sendbig/releases/takings.html", release=release, page=page, wanted=wanted), wanted.status


# --- Documents without a contract ------------------------------------------------------------------------------


@house.post("/releases/<int:release_id>/grants")
@allow("sendbig.grant")
def approve_document(release_id: int) -> Page:
    form = Form(GrantForm(), request.form)
    if form.send(lambda values: grants.approve(me(), release_id, _grant(values)), reason="why"):
        return done(_("Approved. They are written to."), "sendbig_house.show_release", release_id=release_id)
    return _show(release_id, granting=form)


def _grant(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "reason": values["why"], "until": end_of(values.get("until"))}


@house.post("/release-grants/<int:release_grant_id>/revoke")
@allow("sendbig.grant")
def revoke_approval(release_grant_id: int) -> Page:
    release_id = grants.grant_of(me(), release_grant_id).release_id
    form = pressed(lambda: grants.revoke(me(), release_grant_id, sent_version()))
    return _pressed(release_id, form, _("Taken back. It opens nothing any more."))
