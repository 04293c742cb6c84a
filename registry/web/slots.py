"""Places on our pages that plugins fill: cards, buttons, ways in the navigation, and what JSON carries beside ours.

What a plugin answers is drawn inside of the guard, too: a template that fails becomes a small card with the incident's
number, and the page stands.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from flask import current_app, g, url_for

from registry.kernel.access import Actor
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin
from registry.plugins.records import Action, MenuItem, Panel, check

LAST = 1_000  # failures stand below everything
MOST_BYTES = 100_000  # of what one plugin adds to the JSON of one object


class Card(NamedTuple):
    """A part of a page: `body` is what the plugin drew, or nothing and then the number of its `incident`."""

    title: str
    body: Any
    plugin: str
    incident: str = ""
    weight: int = 0


class Step(NamedTuple):
    """A button of a plugin's: a link, or (post) a form of one button."""

    text: str
    url: str
    icon: str
    post: bool
    weight: int


def panels(place: str, subject: Any) -> list[Card]:
    """Cards for a page of `place` (asset, customer, licence, warranty, contract, product) that shows `subject`."""
    who, owner = g.signed_in.actor, _owner(place, subject)
    return _drawn("panels", owner, {"place": place, "subject": subject, "actor": who})


def dashboard_cards(customer: Any | None) -> list[Card]:
    """Cards for the dashboard of a customer, or of the house."""
    owner = customer.id if customer else None
    return _drawn("dashboard_cards", owner, {"customer": _known(customer), "actor": g.signed_in.actor})


def _drawn(hook: str, owner: int | None, arguments: Mapping[str, Any]) -> list[Card]:
    cards = []
    for plugin, panel in host().each(hook, owner, **arguments):
        card = panel if isinstance(panel, Failure) else host().guarded(plugin, "template", _card, plugin, panel, owner)
        if card is not None:
            cards.append(_failed(plugin, card) if isinstance(card, Failure) else card)
    return sorted(cards, key=lambda card: card.weight)


def _card(plugin: Plugin, panel: Panel, owner: int | None) -> Card | None:
    """None for a card that is not for this reader."""
    check(panel, title=str, template=str, context=Mapping, permission=str, weight=(int, float))
    if not _may(panel.permission, owner):
        return None
    return Card(panel.title, _body(panel), plugin.name, "", panel.weight)


def _body(panel: Panel) -> Any:
    """A template as a module of its own: it is drawn whole here, and knows how to stand in a page."""
    context = dict(panel.context)
    current_app.update_template_context(context)
    return current_app.jinja_env.get_template(panel.template).make_module(context)


def _failed(plugin: Plugin, failure: Failure) -> Card:
    return Card(plugin.title, None, plugin.name, failure.incident.number, LAST)


def actions(place: str, subject: Any) -> list[Step]:
    """Buttons for a page, beside our own."""
    who, owner = g.signed_in.actor, _owner(place, subject)
    steps = []
    for plugin, action in host().each("actions", owner, place=place, subject=subject, actor=who):
        step = action if isinstance(action, Failure) else host().guarded(plugin, "button", _step, action, owner)
        if isinstance(step, Step):
            steps.append(step)
    return sorted(steps, key=lambda step: step.weight)


def _step(action: Action, owner: int | None) -> Step | None:
    check(action, label=str, endpoint=str, values=Mapping, permission=str, icon=str, weight=(int, float))
    if not _may(action.permission, owner):
        return None
    return Step(
        action.label, url_for(action.endpoint, **action.values), action.icon or "plug", action.post, action.weight
    )


def to_set(customer_id: int, who: Actor) -> list[Any]:
    """The plugins that are on here and have settings of a customer's own which he may fill in."""
    found = host()
    forms = ((plugin, plugin.declared.form("customer")) for plugin in found.working())
    return [
        plugin
        for plugin, form in forms
        if form and who.can(form.permission, customer_id) and found.open(plugin.name, customer_id)
    ]


class Way(NamedTuple):
    """A way in the navigation, with the address it leads to."""

    url: str
    text: str
    icon: str
    blueprint: str
    weight: int


def menu(customer: Any | None, who: Actor) -> list[Way]:
    """Ways of plugins: of this customer, or (None) of the house."""
    owner, known = (customer.id if customer else None), _known(customer)
    ways = []
    for plugin, item in host().each("menu", owner, customer=known, actor=who):
        way = item if isinstance(item, Failure) else host().guarded(plugin, "link", _way, item, known)
        if isinstance(way, Way):
            ways.append(way)
    return sorted(ways, key=lambda way: way.weight)


def _way(item: MenuItem, customer: Mapping[str, Any] | None) -> Way | None:
    check(item, label=str, endpoint=str, icon=str, permission=str, weight=(int, float))
    if item.house != (customer is None) or not _may(item.permission, customer["id"] if customer else None):
        return None
    values = {"slug": customer["slug"]} if customer else {}
    return Way(url_for(item.endpoint, **values), item.label, item.icon, item.endpoint.partition(".")[0], item.weight)


def json_extra(kind: str, subject: Mapping[str, Any], who: Actor) -> dict[str, Any]:
    """{plugin: what it adds} to the answer for one object; one that fails adds nothing."""
    found = {}
    for plugin, answer in host().each("json_extra", _owner(kind, subject), kind=kind, subject=subject, actor=who):
        plain = answer if isinstance(answer, Failure) else host().guarded(plugin, "json_extra", _plain, answer)
        if plain and not isinstance(plain, Failure):
            found[plugin.name] = plain
    return found


def _plain(answer: Mapping[str, Any]) -> Any:
    text = orjson.dumps(dict(answer), default=str)
    if len(text) > MOST_BYTES:
        raise ValueError(f"it adds {len(text)} bytes, more than {MOST_BYTES}")
    return orjson.loads(text)


def _known(customer: Any | None) -> dict[str, Any] | None:
    return {"id": customer.id, "slug": customer.slug, "name": customer.name} if customer else None


def _owner(place: str, subject: Any) -> int | None:
    """The id of the customer whose page it is."""
    if "customer" in g:
        return int(g.customer.id)
    found = subject.get("id" if place == "customer" else "customer_id")
    return int(found) if found is not None else None


def _may(permission: str, owner: int | None) -> bool:
    who: Actor = g.signed_in.actor
    if not permission:
        return True
    return who.can(permission, owner) if owner is not None else who.can_somewhere(permission)
