"""The plugin contract: every hook, its arguments, what it answers, and what a failure means.

A plugin is a module named by an entry point of the group `registry.plugins`. It carries `PLUGIN = PluginInfo(...)` and
implements any of the functions below, each marked with `registry.sdk.hook`. Arguments are matched by name: an
implementation takes those that it needs. There are five kinds of hooks, each with one rule for failures:

declare  Once at start, without a database. A failure switches the plugin off and says why.
ask      Inside the transaction of a change, each call in a savepoint. A failure is recorded and passed over; a plugin
         that says fail_closed refuses the change instead.
choose   The first answer that is not None wins; without any the core decides. After a failure the next one is asked.
tell     After the change is committed, from the outbox. A failure is retried, then parked with its error.
show     While a page is made. A failure becomes a small card with the plugin's name and an incident number.

What is not documented here is no part of the contract. Arguments can be added to a hook; none is ever taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from peewee import Model

    from registry.kernel.access import Actor
    from registry.kernel.files import Store
    from registry.kernel.search import SearchSource
    from registry.plugins.records import (
        Action,
        AssetKind,
        Event,
        HealthCheck,
        ImportFormat,
        Job,
        LabelField,
        LabelTemplate,
        MailKind,
        MenuItem,
        Objection,
        Panel,
        PluginPermission,
        SettingsForm,
    )

PROJECT = "registry"
F = TypeVar("F", bound=Callable[..., Any])
_spec = pluggy.HookspecMarker(PROJECT)
KINDS: dict[str, str] = {}  # hook -> kind


def _kind(name: str) -> Callable[[F], F]:
    def mark(function: F) -> F:
        KINDS[function.__name__] = name
        return _spec(function)

    return mark


# --- declare -----------------------------------------------------------------------------------------------


@_kind("declare")
def blueprints() -> Iterable[Blueprint]:
    """Pages, made by sdk.customer_pages() (`/c/<slug>/x/<plugin>/...`) or sdk.house_pages() (`/x/<plugin>/...`)."""
    raise NotImplementedError


@_kind("declare")
def api_blueprints() -> Iterable[Any]:
    """JSON routes, made by sdk.api_routes() (under `/api/v1/x/<plugin>/`); they appear in the API's document."""
    raise NotImplementedError


@_kind("declare")
def models() -> Iterable[type[Model]]:
    """Tables, whose names begin with `<plugin>_`. They take part in migration, backup, export and erasure."""
    raise NotImplementedError


@_kind("declare")
def permissions() -> Iterable[PluginPermission]:
    """Rights, named `<plugin>.<verb>`, with the roles that hold them."""
    raise NotImplementedError


@_kind("declare")
def settings() -> Iterable[SettingsForm]:
    """At most one form for the site and one for each customer; the pages are made from them."""
    raise NotImplementedError


@_kind("declare")
def jobs() -> Iterable[Job]:
    """Work for the worker, named `<plugin>.<what>`."""
    raise NotImplementedError


@_kind("declare")
def commands() -> Iterable[click.Command]:
    """Commands, called as `assetcare <plugin> <command>`."""
    raise NotImplementedError


@_kind("declare")
def mails() -> Iterable[MailKind]:
    """Mails that the plugin sends by sdk.post(), named `<plugin>.<what>`; their texts lie in its folder mails/."""
    raise NotImplementedError


@_kind("declare")
def asset_kinds() -> Iterable[AssetKind]:
    """Kinds of products and units beside hardware, optics and software. While the plugin is off or gone nothing new can
    be of such a kind; what there is of it stays."""
    raise NotImplementedError


@_kind("declare")
def search_sources() -> Iterable[SearchSource]:
    """Tables of the plugin that the search looks through; their indexes belong into its migrations."""
    raise NotImplementedError


@_kind("declare")
def import_formats() -> Iterable[ImportFormat]:
    """Files of another kind that can be imported as tables: a maker's deliveries, an inventory tool's export."""
    raise NotImplementedError


@_kind("declare")
def label_templates() -> Iterable[LabelTemplate | LabelField]:
    """What can be printed on labels: fields of the plugin's own, and templates that name fields."""
    raise NotImplementedError


@_kind("declare")
def words() -> Iterable[tuple[str, Mapping[str, str]]]:
    """(group, {code: text}) for codes that the core's pages show. done: actions of the audit chain, as in create();
    thing: tables; field: columns; acme_loan.state: the values of a column of the plugin's own. Mark the texts by
    N_()."""
    raise NotImplementedError


@_kind("declare")
def health() -> Iterable[HealthCheck]:
    """What `assetcare check` and the settings page tell about the plugin."""
    raise NotImplementedError


# --- ask ---------------------------------------------------------------------------------------------------


@_kind("ask")
def validate(
    kind: str, subject: Mapping[str, Any] | None, changes: Mapping[str, Any] | None, actor: Actor
) -> Iterable[Objection]:
    """Objections to a change. kind: the table (asset, licence, warranty, contract, site, contact ...); subject: the row
    as it is, None when it is new; changes: the columns that are set, None when the row is removed. All objections of
    all plugins are collected into one answer 422, or refuse the row of an import, also when it is only looked at. Asked
    for each of thousands of rows, so it should not look at the database. Not asked about what the plugin itself changes
    while it is asked, nor when an import is taken back."""
    raise NotImplementedError


@_kind("ask")
def allow(permission: str, customer_id: int | None, actor: Actor) -> bool | None:
    """False takes a right away that the actor's role gives him; nothing else has a meaning. A failure counts as no.
    Asked often, so it should not look at the database. For the operator's people, whose rights hold everywhere, lists
    ask with customer_id None."""
    raise NotImplementedError


@_kind("ask")
def demo(actor: Actor, people: Mapping[str, Actor], units: Mapping[tuple[str, str], int]) -> None:
    """`assetcare demo` has just filled an empty installation: add to its customers and units what a tour wants to see
    of the plugin, by the plugin's own verbs. actor: the system; people: who may sign in, by e-mail address; units: ids
    of those that have a name, by (short name of the customer, name). After a failure the demo stands without it."""
    raise NotImplementedError


# --- choose ------------------------------------------------------------------------------------------------


@_kind("choose")
def warranty_for(asset: Mapping[str, Any], actor: Actor) -> str | None:
    """The code of the warranty terms that a unit gets when it is registered on its own and nobody named any. asset:
    the new row. A code that cannot be given is a failure of the plugin, and the unit is registered without."""
    raise NotImplementedError


@_kind("choose")
def storage_for(url: str) -> Store | None:
    """The store for files at `url`, which ASSETCARE_STORAGE says (gs://bucket, say), with the methods of sdk.Store;
    file:// and s3:// are the core's own where no plugin wants them. Asked at start, before there is a database, also
    while the plugin is switched off. What the store raises, but for NotFound, is told as a store out of reach."""
    raise NotImplementedError


@_kind("choose")
def label_for(subject: Mapping[str, Any]) -> str | None:
    """The name of the label template for a unit, where nobody chose one. subject: code, asset_id (None for a label
    printed ahead), tag, serial, product, customer, site, place."""
    raise NotImplementedError


@_kind("choose")
def scan_target(unit: Mapping[str, Any], actor: Actor) -> str | None:
    """The path of the page to which the label of a unit leads this reader, who may see it; the unit's own page
    otherwise. unit: asset_id, customer_id, slug, code."""
    raise NotImplementedError


@_kind("choose")
def scanned(text: str, actor: Actor) -> Iterable[int] | None:
    """Ids of the units that a scanned or typed text means, asked before the core looks for its own codes, barcodes and
    serial numbers; None when it means nothing to the plugin. What the actor may not see is left out."""
    raise NotImplementedError


@_kind("choose")
def authenticate(credentials: Mapping[str, str]) -> int | None:
    """The id of the user whom credentials (email, password) prove, or None: another directory of people, say. Asked
    when the core's own password was not right and within its limits; whether he may enter, and which second factor he
    has to give, stays the core's decision."""
    raise NotImplementedError


# --- tell --------------------------------------------------------------------------------------------------


@_kind("tell")
def on_event(event: Event, actor: Actor) -> None:
    """Something happened. The actor is the system, confined to the event's customer."""
    raise NotImplementedError


# --- show --------------------------------------------------------------------------------------------------


@_kind("show")
def menu(customer: Any | None, actor: Actor) -> Iterable[MenuItem]:
    """Ways in the navigation. What the actor may not do is left out by the core."""
    raise NotImplementedError


@_kind("show")
def actions(place: str, subject: Any, actor: Actor) -> Iterable[Action]:
    """Buttons on a page. place: asset, customer, licence, warranty, contract, product or optic (with `asset_id` and
    `claimable`); subject: what it shows."""
    raise NotImplementedError


@_kind("show")
def panels(place: str, subject: Any, actor: Actor) -> Iterable[Panel]:
    """Parts of a page, below the core's own. place and subject as for actions."""
    raise NotImplementedError


@_kind("show")
def dashboard_cards(customer: Any | None, actor: Actor) -> Iterable[Panel]:
    """Cards on the dashboard of a customer, or (None) of the house."""
    raise NotImplementedError


@_kind("show")
def json_extra(kind: str, subject: Any, actor: Actor) -> Mapping[str, Any] | None:
    """What the API's answer for one object carries under `extra.<plugin>`."""
    raise NotImplementedError
