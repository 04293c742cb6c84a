"""Loans of Acme: reminders on assets. All hooks of the plugin on one screen."""

from registry.sdk import HealthCheck, Job, MenuItem, N_, Panel, PluginInfo, PluginPermission, SettingsForm, hook

PLUGIN = PluginInfo("acme_loans", "Loans of Acme", "0.1.0", description="Reminders on assets.")


@hook
def models():
    from acme_loans.models import Reminder

    return [Reminder]


@hook
def permissions():
    return [
        PluginPermission("acme_loans.view", N_("See reminders"), roles=("engineer", "manager", "member", "reader")),
        PluginPermission("acme_loans.edit", N_("Write reminders"), roles=("engineer", "manager")),
    ]


@hook
def settings():
    from acme_loans.schemas import CustomerSettings

    return [SettingsForm(CustomerSettings(), scope="customer")]


@hook
def blueprints():
    from acme_loans import pages

    return [pages.pages]


@hook
def api_blueprints():
    from acme_loans import api

    return [api.blp]


@hook
def jobs():
    from acme_loans import service

    return [Job("acme_loans.tell_due", service.tell_due, minutes=60)]


@hook
def commands():
    from acme_loans.commands import list_reminders

    return [list_reminders]


@hook
def menu(customer, actor):
    if customer:
        yield MenuItem(N_("Reminders"), "acme_loans.list_reminders", icon="bell", permission="acme_loans.view")


@hook
def panels(place, subject, actor):
    if place == "asset":
        from acme_loans import service

        found = service.of_asset(actor, subject["id"])
        context = {"reminders": found, "asset_id": subject["id"]}
        yield Panel(N_("Reminders"), "acme_loans/panel.html", context, permission="acme_loans.view")


@hook
def dashboard_cards(customer, actor):
    if customer:
        from acme_loans import service

        due = service.due(actor, customer["id"])
        if due:
            yield Panel(N_("Reminders due"), "acme_loans/due.html", {"reminders": due}, permission="acme_loans.view")


@hook
def json_extra(kind, subject, actor):
    if kind == "asset":
        from acme_loans import service

        return {"open": len(service.of_asset(actor, subject["id"]))}
    return None


@hook
def words():
    done = {"acme_loans.written": N_("Reminder written"), "acme_loans.finished": N_("Reminder done"), "acme_loans.told": N_("Reminder due")}
    return [("done", done), ("thing", {"acme_loans_reminder": N_("Reminder")})]


@hook
def health():
    from acme_loans import service

    return [HealthCheck("reminders", service.health)]
