"""The page of one's own calendar address, and of the mails that one wants."""

from flask import render_template, request
from werkzeug.wrappers import Response

from registry.kernel import mail
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.notices import choices, feeds
from registry.notices.models import KINDS
from registry.web.account.my_account import pages
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import own

Page = Response | tuple[str, int]


@pages.get("/calendar")
@own(in_person=True)
def calendar() -> Page:
    return _page()


def _page(form: Form | None = None, made: str | None = None) -> Page:
    """`made`: the address that was just made."""
    try:
        feed = feeds.own_feed(actor())
    except NotFound:
        feed = None
    around = {"feed": feed, "made": made, "mine": choices.own_choice(actor()), "kinds": KINDS, "form": form}
    return render_template("account/calendar.html", **around), form.status if form else 200


@pages.post("/calendar")
@own(sudo=True, in_person=True)
def make_calendar() -> Page:
    """The one before, if any, ends."""
    return _page(made=mail.link(f"/calendar/{feeds.make_feed(actor())[1]}.ics"))


@pages.post("/calendar/remove")
@own(in_person=True)
def remove_calendar() -> Response:
    feeds.remove_feed(actor())
    return done(_("The address is good for nothing any more."), "my_account.calendar")


@pages.post("/notices")
@own(in_person=True)
def choose_notices() -> Page:
    """Which kinds one wants; the others are muted, at whichever customer."""
    form = pressed(lambda: choices.mute(actor(), set(KINDS) - set(request.form.getlist("wanted")), sent_version()))
    return done(_("Your choice is kept."), "my_account.calendar") if form.status == 200 else _page(form)
