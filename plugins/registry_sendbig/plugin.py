"""SendBig: large files by a link, and patches and documents for those who are entitled to them.

All hooks of the plugin on one screen.
"""

from registry.sdk import N_, HealthCheck, Job, MenuItem, Panel, PluginInfo, PluginPermission, SettingsForm, _, hook

PLUGIN = PluginInfo(
    "sendbig", "SendBig", "1.0.0", description=N_("Large files by a link, patches and documents, kept safely.")
)
READERS = ("supervisor", "engineer", "account_manager", "auditor", "manager", "member", "reader")
SENDERS = ("supervisor", "engineer", "account_manager", "manager", "member")


@hook
def models():
    from registry_sendbig.models import TABLES

    return TABLES


@hook
def permissions():
    return [
        PluginPermission("sendbig.view", N_("See transfers, patches and documents"), roles=READERS),
        PluginPermission("sendbig.send", N_("Send and ask for large files"), roles=SENDERS),
        PluginPermission(
            "sendbig.manage", N_("Extend and revoke what others have sent"),
            roles=("supervisor", "account_manager", "manager"),
        ),
        PluginPermission(
            "sendbig.allot", N_("Say how much space customers have for large files"),
            roles=("supervisor", "account_manager"), customer=False,
        ),
        PluginPermission(
            "sendbig.release", N_("Publish patches and documents"), roles=("supervisor", "engineer"), customer=False
        ),
        PluginPermission(
            "sendbig.survey", N_("See every release, who took it and who lacks it"),
            roles=("supervisor", "engineer", "account_manager", "auditor"), customer=False,
        ),
        PluginPermission(
            "sendbig.grant", N_("Approve documents for users without a contract"),
            roles=("supervisor", "account_manager"), customer=False,
        ),
        PluginPermission("sendbig.install", N_("Record which version a unit runs"), roles=SENDERS),
    ]  # fmt: skip


@hook
def settings():
    from registry_sendbig.preferences import House, Rules

    return [SettingsForm(House(), scope="site"), SettingsForm(Rules(), scope="customer", permission="sendbig.allot")]


@hook
def commands():
    from registry_sendbig.commands import check, collect, move

    return [check, collect, move]


@hook
def health():
    from registry_sendbig import healthy

    return [
        HealthCheck("scanner", healthy.scanner), HealthCheck("files", healthy.files_wait),
        HealthCheck("store", healthy.straight),
    ]  # fmt: skip


@hook
def blueprints():
    from registry_sendbig import public_pages  # noqa: F401 - their routes
    from registry_sendbig.downloads import previews  # noqa: F401 - their routes
    from registry_sendbig.downloads import service as downloads  # noqa: F401 - their routes
    from registry_sendbig.places import house, pages
    from registry_sendbig.releases import pages as release_pages  # noqa: F401 - their routes
    from registry_sendbig.releases import patch_pages  # noqa: F401 - their routes
    from registry_sendbig.requests import letterbox  # noqa: F401 - their routes
    from registry_sendbig.requests import pages as request_pages  # noqa: F401 - their routes
    from registry_sendbig.transfers import pages as transfer_pages  # noqa: F401 - their routes
    from registry_sendbig.uploads import (
        direct,  # noqa: F401 - their routes
        tus,  # noqa: F401 - their routes
    )

    return [pages, house]


@hook
def api_blueprints():
    from registry_sendbig import places
    from registry_sendbig.releases import api as release_api  # noqa: F401 - their routes
    from registry_sendbig.transfers import api  # noqa: F401 - their routes

    return [places.api]


@hook
def jobs():
    from registry_sendbig.releases import letters as release_letters
    from registry_sendbig.transfers import ending
    from registry_sendbig.uploads import settling, tidying

    return [
        Job("sendbig.tend", ending.tend, minutes=5),
        Job("sendbig.settle", settling.settle, retries=8),
        Job("sendbig.file_settled", settling.tell, retries=8),
        Job("sendbig.collect", tidying.collect, minutes=15),
        Job("sendbig.tell_releases", release_letters.tell_releases, minutes=60, retries=3),
    ]


@hook
def mails():
    from registry_sendbig.releases import letters as release_letters
    from registry_sendbig.transfers import letters

    return (*letters.MAILS, *release_letters.MAILS)


@hook
def words():
    from registry_sendbig import words
    from registry_sendbig.releases import words as release_words

    return [*words.of_the_history(), *release_words.of_the_history()]


@hook
def demo(actor, people, units):
    from registry_sendbig.releases import demo as release_demo
    from registry_sendbig.transfers import demo as stories

    stories.tell(actor, people)
    release_demo.tell(actor, people, units)


@hook
def menu(customer, actor):
    if customer:
        yield MenuItem(N_("Large files"), "sendbig.list_transfers", icon="send", permission="sendbig.view")
        yield MenuItem(N_("Patches and documents"), "sendbig.list_patches", icon="package", permission="sendbig.view")
    else:
        yield MenuItem(
            N_("Large files"), "sendbig_house.list_transfers", icon="send", permission="sendbig.view", house=True
        )
        yield MenuItem(
            N_("Patches and documents"), "sendbig_house.list_releases", icon="package", permission="sendbig.survey",
            house=True,
        )  # fmt: skip


@hook
def panels(place, subject, actor):
    """What a unit runs, and which patches wait for it."""
    if place in ("asset", "licence"):
        from registry_sendbig.releases import views as release_views

        context = release_views.unit_panel(actor, subject["id"], licence=place == "licence")
        if context:
            weight = -5 if context["waiting"] else 5
            yield Panel(_("Software"), "sendbig/patches/panel.html", context, permission="sendbig.view", weight=weight)


@hook
def dashboard_cards(customer, actor):
    from registry_sendbig.transfers import views

    told = views.card(actor, customer["id"] if customer else None)
    if told:
        yield Panel(_("Large files"), "sendbig/card.html", told, permission="sendbig.view", weight=20)
