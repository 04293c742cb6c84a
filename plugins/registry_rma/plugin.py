"""RMA: a unit that failed is claimed, decided on, received, repaired or replaced, tested, and sent back.

All hooks of the plugin on one screen.
"""

from registry.sdk import (
    N_,
    Action,
    HealthCheck,
    Job,
    MenuItem,
    Objection,
    Panel,
    PluginInfo,
    PluginPermission,
    SettingsForm,
    _,
    hook,
)

PLUGIN = PluginInfo("rma", "RMA", "1.0.0", description=N_("Claims, repairs, replacements, and who has the unit."))
READERS = ("supervisor", "engineer", "account_manager", "auditor", "manager", "member", "reader")
LEADS = ("supervisor", "account_manager")


@hook
def models():
    from registry_rma.models import TABLES

    return TABLES


@hook
def permissions():
    return [
        PluginPermission("rma.view", N_("See RMA cases"), roles=READERS),
        PluginPermission(
            "rma.request", N_("Open RMA cases, answer quotes"),
            roles=("supervisor", "engineer", "account_manager", "manager", "member"),
        ),
        PluginPermission("rma.work", N_("Receive, repair, test and send units"), roles=(*LEADS, "engineer"),
        customer=False),
        PluginPermission("rma.decide", N_("Approve and refuse claims, make quotes"), roles=(*LEADS, "engineer"),
        customer=False),
        PluginPermission("rma.overrule", N_("Decide otherwise than the terms"), roles=LEADS, customer=False),
        PluginPermission("rma.price", N_("Change the price list"), roles=LEADS, customer=False),
    ]  # fmt: skip


@hook
def settings():
    from registry_rma.schemas import House, Rules

    return [SettingsForm(House(), scope="site"), SettingsForm(Rules(), scope="customer", permission="rma.overrule")]


@hook
def blueprints():
    from registry_rma import action_pages, house_pages, paper_pages, statistics_pages  # noqa: F401 - their routes
    from registry_rma.pages import pages

    return [pages, house_pages.house]


@hook
def api_blueprints():
    from registry_rma import api, paper_pages, statistics_pages, work_api  # noqa: F401 - their routes

    return [api.blp]


@hook
def jobs():
    from registry_rma import cases, tracks

    return [
        Job("rma.alarm_idle", cases.alarm_idle, minutes=60),
        Job("rma.tell_overdue", tracks.tell_overdue, minutes=60 * 24),
    ]


@hook
def mails():
    from registry_rma.letters import MAILS

    return MAILS


@hook
def validate(kind, subject, changes, actor):
    """A unit that a case tells of is never removed: its history stays."""
    if kind == "asset" and subject is not None and changes is None:
        from registry_rma import listing

        if listing.told_of(subject):
            yield Objection("", _("An RMA case tells of this unit: retire it instead, and its history stays."))


@hook
def words():
    from registry_rma.words import of_the_history

    return of_the_history()


@hook
def demo(actor, people, units):
    from registry_rma.demo import tell

    tell(actor, people, units)


@hook
def menu(customer, actor):
    if customer:
        yield MenuItem(N_("RMA"), "rma.list_lines", icon="wrench", permission="rma.view")
    else:
        yield MenuItem(N_("RMA"), "rma_house.list_lines", icon="wrench", permission="rma.view", house=True)


@hook
def actions(place, subject, actor):
    if place == "asset":
        yield Action(_("Report a fault"), "rma.new_claim", {"asset_id": subject["id"]}, "rma.request", icon="wrench")
    if place == "optic":  # what its readings say is filled in there
        said = _("Open an RMA case") if subject["claimable"] else _("Report a fault")
        yield Action(said, "rma.new_claim", {"asset_id": subject["asset_id"]}, "rma.request", icon="wrench")


@hook
def panels(place, subject, actor):
    if place == "asset":
        from registry_rma import views

        context = views.of_unit(actor, subject["id"])
        weight = -10 if context["open"] else 0  # what can be done now comes before everything else
        yield Panel(_("Repair and replacement"), "rma/panel.html", context, permission="rma.view", weight=weight)


@hook
def scanned(text, actor):
    """The codes on papers and boxes."""
    from registry_rma import paper_pages

    return paper_pages.units_of_code(actor, text)


@hook
def dashboard_cards(customer, actor):
    from registry_rma import views

    waiting = views.waiting(actor, customer["id"] if customer else None)
    if waiting["lines"]:
        yield Panel(_("RMA"), "rma/waiting.html", waiting, permission="rma.view")


@hook
def json_extra(kind, subject, actor):
    if kind != "asset" or not actor.can("rma.view", subject.get("customer_id")):
        return None
    from registry_rma import views

    return views.briefly(actor, subject["id"])


@hook
def health():
    from registry_rma import views

    return [HealthCheck("custody", views.health)]
