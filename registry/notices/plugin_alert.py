"""A plugin was stopped because it failed again and again: whoever may switch it on again is told."""

from registry.kernel import mail
from registry.kernel.access import Actor
from registry.kernel.events import Event, subscribe
from registry.kernel.language import N_
from registry.kernel.phrases import one_line
from registry.notices.plans import holders
from registry.plugins import switches

mail.declare_mail(
    "plugin_stopped",
    {
        "name": N_("name of the reader"),
        "plugin": N_("name of the plugin"),
        "at": N_("when it was stopped"),
        "reason": N_("what failed"),
        "link": N_("address of the page about it"),
    },
)


def tell(event: Event, _actor: Actor) -> None:
    plugin = str(event.payload["plugin"])
    said = switches.switch_of(plugin)
    for user in holders("plugin.switch"):
        values = {
            "name": one_line(user.name),
            "plugin": plugin,
            "at": event.at,
            "reason": one_line(said.reason if said else ""),
            "link": mail.link(f"/settings/plugins/{plugin}"),
        }
        mail.post("plugin_stopped", user.email, user.language, values, time_zone=user.time_zone)


subscribe("plugin alert", "plugin.suspended", tell)
