"""Pages about notices: how a company is told of what ends, who is told, what was announced, one's own wishes."""

from collections import Counter
from typing import Any

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.customers.service import manager_of
from registry.kernel.language import _
from registry.notices import choices, plans
from registry.notices.listing import NOTICES, THINGS
from registry.notices.models import KINDS, NoticePlan
from registry.notices.schemas import PlanChange
from registry.notices.webhook_listing import WEBHOOKS
from registry.people.models import Membership, User
from registry.people.roles import ROLES
from registry.web.acting import in_parts, pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.lists.asked import asked, one_page
from registry.web.policy import allow
from registry.web.tenant import customer_pages
from registry.web.words.codes import word

pages = customer_pages("notices", __name__)
Page = Response | tuple[str, int]
MOST = 100  # people who are offered in the form
LATEST = 20
PLAN = ("enabled", "steps", "kinds", "roles", "users", "account_manager", "quiet_from", "quiet_to", "quiet_days")


@pages.get("/notices")
@allow("notice.view")
def overview() -> Page:
    return _overview()


def _overview(own: Form | None = None) -> Page:
    who, wanted = actor(), asked(NOTICES.arguments())
    plan = plans.plan_of(who, g.customer.id)
    page = one_page(who, NOTICES, wanted, customer=g.customer.id, limit=LATEST, sort="-id")
    hooks = WEBHOOKS.page(who, {"customer": g.customer.id})["items"] if who.can("webhook.edit", g.customer.id) else None
    mine = choices.own_choice(who) if who.user_id else None
    around = {
        "plan": plan, "readers": _told(plan), "wanted": wanted, "page": page, "webhooks": hooks, "mine": mine,
        "own": own, "kinds": KINDS, "page_of": _page_of,
    }  # fmt: skip
    return render_template("notices/overview.html", **around), own.status if own else wanted.status


def _page_of(row: dict[str, Any]) -> str:
    """Of what was announced to end."""
    thing = THINGS[row["topic"]]
    return url_for(f"{thing}s.show_{thing}", **{f"{thing}_id": row["subject_id"]})


def _told(plan: NoticePlan) -> list[dict[str, Any]]:
    """[{name, why, count}] of everybody who gets a mail of this plan; without names, counted by reason, for whoever may
    not see who works there."""
    own = Membership.customer_id == plan.customer_id
    rows = Membership.select(Membership.user, Membership.role).where(
        own & (Membership.role.in_(plan.roles) | Membership.user.in_(plan.users))
    )
    roles = {row.user_id: row.role for row in rows}
    found = [(user.name, word("role", roles[user.id])) for user in plans.people(roles)]
    manager = manager_of(actor(), g.customer) if plan.account_manager else None
    found += [(manager.user.name, _("Account manager"))] if manager else []
    if _sees_people():
        return [{"name": name, "why": why, "count": 1} for name, why in found]
    return [{"name": "", "why": why, "count": count} for why, count in Counter(why for _name, why in found).items()]


def _sees_people() -> bool:
    return actor().can("user.view", g.customer.id)


def _called(user: User) -> str:
    return f"{user.name} ({user.email})" if _sees_people() else _("User %(id)s", id=user.id)


@pages.post("/notices/mine")
@allow("notice.view")
def choose() -> Page:
    """Which kinds one wants; the others are muted, at whichever customer."""
    muted = set(KINDS) - set(request.form.getlist("wanted"))
    form = pressed(lambda: choices.mute(actor(), muted, sent_version()))
    if form.status == 200:
        return done(_("Your choice is kept."), "notices.overview")
    return _overview(form)


@pages.get("/notices/plan")
@allow("notice.edit")
def edit_plan() -> Page:
    return _plan_page(Form(PlanChange(), shown=plans.shown(plans.plan_of(actor(), g.customer.id)), only=PLAN))


@pages.post("/notices/plan")
@allow("notice.edit")
def change_plan() -> Page:
    form = Form(PlanChange(), in_parts("steps", request.form), only=PLAN)
    if form.send(lambda values: plans.change_plan(actor(), g.customer.slug, values, sent_version())):
        return done(_("The plan is changed."), "notices.overview")
    return _plan_page(form)


def _plan_page(form: Form) -> Page:
    mine = Membership.select(Membership.user).where(Membership.customer_id == g.customer.id)
    able = (User.active == True) & (User.kind == "person")  # noqa: E712 - SQL
    people = User.select().where(User.id.in_(mine) & able).order_by(User.name).limit(MOST)
    around = {
        "row_version": plans.plan_of(actor(), g.customer.id).version,
        "people": [(str(user.id), _called(user)) for user in people],
        "roles": [(name, word("role", name)) for name, role in ROLES.items() if not role.operator],
    }
    return render_template("notices/plan.html", form=form, **around), form.status
