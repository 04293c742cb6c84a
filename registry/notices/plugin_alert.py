"""A plugin was stopped because it failed again and again: whoever may switch it on again is told."""

from registry.kernel import mail
from registry.kernel.access import Actor
from registry.kernel.events import Event, subscribe
from registry.kernel.phrases import one_line
from registry.notices.plans import people
from registry.people.models import Membership
from registry.people.roles import ROLES
from registry.plugins import switches

mail.declare_mail(
    "plugin_stopped",
    {
        "name": "name of the reader",
        "plugin": "name of the plugin",
        "at": "when it was stopped",
        "reason": "what failed",
        "link": "address of the page about it",
    },
)


def tell(event: Event, _actor: Actor) -> None:
    plugin = str(event.payload["plugin"])
    said = switches.switch_of(plugin)
    roles = [role.name for role in ROLES.values() if role.operator and "plugin.switch" in role.permissions]
    rows = Membership.select(Membership.user).where(Membership.customer_id.is_null() & Membership.role.in_(roles))
    for user in people(row.user_id for row in rows):
        values = {
            "name": one_line(user.name),
            "plugin": plugin,
            "at": event.at,
            "reason": one_line(said.reason if said else ""),
            "link": mail.link(f"/settings/plugins/{plugin}"),
        }
        mail.post("plugin_stopped", user.email, user.language, values, time_zone=user.time_zone)


subscribe("plugin alert", "plugin.suspended", tell)
