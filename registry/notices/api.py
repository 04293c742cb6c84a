"""JSON routes about notices: a customer's plan, what was announced, one's own choices and calendar."""

from typing import Any

from werkzeug.wrappers import Response

from registry.customers.service import get_customer
from registry.kernel import mail
from registry.notices import choices, feeds, plans
from registry.notices.listing import NOTICES
from registry.notices.models import CalendarFeed, NoticeChoice
from registry.notices.schemas import CalendarMade, CalendarOut, ChoiceIn, ChoiceOut, PlanChange, PlanOut
from registry.web.answers import if_match, json_response, nothing, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow, own, signed_in

blp = blueprint("notices", "What is announced before it ends: to whom, when, and what was")


@blp.route("/customers/<slug>/notice-plan", methods=["GET"])
@blp.response(200, PlanOut)
@allow("notice.view")
def get_plan(slug: str) -> Response:
    customer = get_customer(actor(), slug)
    actor().must("notice.view", customer.id)
    return thing(plans.shown(plans.plan_of(actor(), customer.id)))


@blp.route("/customers/<slug>/notice-plan", methods=["PUT"])
@versioned(blp)
@blp.arguments(PlanChange)
@blp.response(200, PlanOut)
@allow("notice.edit")
def put_plan(values: dict[str, Any], slug: str) -> Response:
    """Set what is given; the rest stays as it is."""
    return thing(plans.shown(plans.change_plan(actor(), slug, values, if_match())))


@blp.route("/notices", methods=["GET"])
@blp.arguments(NOTICES.arguments(), location="query")
@blp.response(200, NOTICES.page_shape())
@allow("notice.view")
def list_notices(arguments: dict[str, Any]) -> Response:
    """What was announced, each end once for each step."""
    return page(NOTICES, arguments)


@blp.route("/me/notices", methods=["GET"])
@blp.response(200, ChoiceOut)
@signed_in
def get_choice() -> Response:
    return _choice(choices.own_choice(actor()))


@blp.route("/me/notices", methods=["PUT"])
@versioned(blp)
@blp.arguments(ChoiceIn)
@blp.response(200, ChoiceOut)
@signed_in
def put_choice(values: dict[str, Any]) -> Response:
    """Choose which kinds of notices one does not want, at whichever customer."""
    return _choice(choices.mute(actor(), values["muted"], if_match()))


def _choice(found: NoticeChoice) -> Response:
    return thing({"muted": found.muted, "version": found.version})


@blp.route("/me/calendar", methods=["GET"])
@blp.response(200, CalendarOut)
@blp.alt_response(404, description="There is no calendar address.")
@signed_in
def get_calendar() -> Response:
    """Since when there is a calendar address, and when it was last read."""
    return json_response(_feed(feeds.own_feed(actor())))


@blp.route("/me/calendar", methods=["POST"])
@blp.response(201, CalendarMade)
@own(sudo=True)
def make_calendar() -> Response:
    """A secret address for calendar programs. The one before, if any, ends. By token: no more than the token may."""
    feed, secret = feeds.make_feed(actor())
    return json_response({**_feed(feed), "address": mail.link(f"/calendar/{secret}.ics")}, 201)


@blp.route("/me/calendar", methods=["DELETE"])
@blp.response(204)
@signed_in
def remove_calendar() -> Response:
    feeds.remove_feed(actor())
    return nothing()


def _feed(feed: CalendarFeed) -> dict[str, Any]:
    return {"created_at": feed.created_at, "read_at": feed.read_at}
