"""The operator's house at a glance: what is to be done at which customer, what ends when, whether all of it runs."""

from typing import Any

from flask import Blueprint, render_template

from registry.checks import WORKER_LATE
from registry.kernel import clock, events, jobs, mail, tickets, timetable
from registry.web.dashboard import todo
from registry.web.dashboard.charts import house_chart
from registry.web.dashboard.figures import SOON, house_figures
from registry.web.identity import actor
from registry.web.policy import allow

pages = Blueprint("house_dashboard", __name__)
MOST = 12  # customers in the list


@pages.get("/dashboard")
@allow("customer.view")
def overview() -> str:
    who = actor()
    for permission in ("customer.view", "asset.view", "warranty.view", "contract.view", "licence.view"):
        who.must(permission)
    today = clock.today(who.time_zone)
    found = house_figures(today)
    return render_template(
        "house/dashboard.html", today=today, found=found, lines=todo.of_house(found, today),
        loads=[load for load in found.loads if any(load.weight)][:MOST], ends=house_chart(found.ends, today),
        slugs={key: place[0] for key, place in found.places.items()}, soon=today + SOON,
        names={key: place[1] for key, place in found.places.items()},
        running=_running() if who.can("setting.edit") else None,
    )  # fmt: skip


def _running() -> dict[str, Any]:
    """Whether the work behind the pages goes on: jobs, mails, deliveries."""
    late = timetable.overdue([one.name for one in jobs.JOBS.values() if one.minutes], WORKER_LATE)
    return {
        "worker": bool(timetable.JobTurn.select().exists()) and not late,
        "waiting": tickets.standing()["waiting"],
        "mails": mail.Mail.select().where(mail.Mail.state == "parked").count(),
        "deliveries": events.Delivery.select().where(events.Delivery.state == "parked").count(),
    }
