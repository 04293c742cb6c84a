"""Plugins that object: inside of somebody else's transaction, which goes on when they fail."""

from collections.abc import Iterator

import pytest

from registry.customers.places import contacts, create_contact, create_site, sites
from registry.kernel import access, writing
from registry.kernel.access import Actor
from registry.kernel.errors import Forbidden, Invalid
from registry.plugins import asking
from registry.plugins.host import Host, Implementation
from registry.plugins.records import Objection
from tests.houses import House
from tests.plugins.world import broken, taken_in


@pytest.fixture
def host(any_house: House) -> Iterator[Host]:
    any_house.people()
    with taken_in(broken("sql_error", "closed")) as made:
        yield made


def test_a_wrong_statement_inside_of_a_hook_takes_nothing_with_it(host: Host) -> None:
    """On PostgreSQL a failed statement ends the transaction, but for the savepoint around each hook."""
    create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
    assert [site.name for site in sites(Actor.system())] == ["Main hall"]
    assert host.plugins["sql_error"].failures == 1 and "nowhere" in host.unwritten[0].error


def test_who_wants_to_be_asked_and_cannot_answer_keeps_it_shut(host: Host) -> None:
    with pytest.raises(Invalid) as refused:
        create_contact(Actor.system(), {"customer": "acme", "name": "Ilze"})
    number = next(one.number for one in host.unwritten if one.plugin == "closed")
    assert number in refused.value.errors["change"][0]
    assert not list(contacts(Actor.system()))


def answering(monkeypatch: pytest.MonkeyPatch, host: Host, hook: str, answer: object) -> None:
    """The plugin sql_error answers the hook so, and nobody else does."""
    names = ("permission", "customer_id", "actor") if hook == "allow" else ("kind", "subject", "changes", "actor")
    made = Implementation(host.plugins["sql_error"], lambda *given: answer(*given), names)  # type: ignore[operator]
    host._hooks[hook] = (made,)


def test_objections_stand_beside_their_fields(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(kind: str, subject: object, changes: object, _actor: Actor) -> list[Objection]:
        assert kind == "site" and subject is None and changes["name"] == "Main hall"  # type: ignore[index]
        return [Objection("name", "There is a hall already."), Objection("", "Not on Sundays.")]

    answering(monkeypatch, host, "validate", ask)
    with pytest.raises(Invalid) as refused:
        create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
    assert refused.value.errors == {"name": ["There is a hall already."], "change": ["Not on Sundays."]}


def test_a_removal_is_asked_about_too(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, host, "validate", lambda *_: [])
    site = create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
    with pytest.raises(Invalid):
        answering(
            monkeypatch,
            host,
            "validate",
            lambda kind, row, values, _actor: [Objection("", "Kept.")] if values is None else [],
        )
        writing.remove(Actor.system(), site, "site.removed", version=site.version)
    assert list(sites(Actor.system()))


def test_a_plugin_may_take_a_right_away_and_give_none(
    host: Host, monkeypatch: pytest.MonkeyPatch, any_house: House
) -> None:
    people = any_house.people()
    monkeypatch.setattr(access, "VETOES", [asking.refuses])
    answering(monkeypatch, host, "allow", lambda permission, _id, _actor: permission != "asset.edit" or False)
    owner, acme = people.owner.actor, next(iter(people.owner.actor.grants))
    assert owner.can("asset.view", acme) and not owner.can("asset.edit", acme)
    with pytest.raises(Forbidden):
        owner.must("asset.edit", acme)
    assert owner.where("asset.edit").grants == {}
    assert people.admin.actor.where("asset.edit").customers == frozenset(), "the house's people are asked for the house"
    answering(monkeypatch, host, "allow", lambda *_: True)
    assert not people.reader.actor.can("asset.edit", acme), "yes means nothing"
    assert Actor.system().can("asset.edit", acme), "Assetcare itself is not asked"


def test_a_veto_that_fails_is_a_no(host: Host, monkeypatch: pytest.MonkeyPatch, any_house: House) -> None:
    owner = any_house.people().owner.actor
    monkeypatch.setattr(access, "VETOES", [asking.refuses])
    answering(monkeypatch, host, "allow", lambda *_: 1 / 0)
    assert not owner.can("asset.view", next(iter(owner.grants)))
