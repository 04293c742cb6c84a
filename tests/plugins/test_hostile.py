"""What a plugin may do wrong in its hooks: whatever it is, it is its own trouble."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields

from registry.assets.models import Asset
from registry.customers.places import create_contact, create_site, sites
from registry.kernel import db, language, mending, wall
from registry.kernel.access import Actor
from registry.kernel.shapes import Shape
from registry.plugins import checking, incidents, names, records, switches
from registry.plugins.answers import MOST_RECORDS
from registry.plugins.finding import load
from registry.plugins.host import MOST_FAILURES, Failure, Host, everywhere
from registry.plugins.records import Job, Panel, PluginInfo, SettingsForm, check
from registry.sdk import HealthCheck, PluginPermission
from tests.houses import House
from tests.plugins.making import entry, guest
from tests.plugins.world import broken, taken_in

HERE = {"place": "asset", "subject": None, "actor": None}


# --- Answers -----------------------------------------------------------------------------------------------


def endless() -> Iterator[Panel]:
    while True:
        yield Panel("Again", "guest/again.html")


@pytest.mark.parametrize(
    "answer", [{"title": "A card"}, "a card", 7, ["a card"], [Panel("A", "a.html"), None], endless(), iter([1])]
)
def test_what_is_no_record_is_a_failure(answer: Any) -> None:
    with guest(panels=lambda: answer, is_open=everywhere) as host:
        [(_, failed)] = host.each("panels", **HERE)
        assert isinstance(failed, Failure)


@pytest.mark.parametrize("answer", [None, [], (), iter(()), set()])
def test_nothing_may_be_said_in_any_way(answer: Any) -> None:
    with guest(panels=lambda: answer, is_open=everywhere) as host:
        assert host.each("panels", **HERE) == [] and host.plugins["guest"].failures == 0


def test_one_record_alone_or_in_any_row_is_taken() -> None:
    card = Panel("A card", "guest/card.html")
    for answer in (card, (card,), [card], {1: card}.values(), map(lambda one: one, [card])):
        with guest(panels=lambda answer=answer: answer, is_open=everywhere) as host:
            assert [record for _, record in host.each("panels", **HERE)] == [card]
    assert MOST_RECORDS < 100_000


def test_a_field_of_another_kind_and_a_text_that_claims_to_be_html() -> None:
    from markupsafe import Markup

    panel = Panel(Markup("<b>Card</b>"), "guest/card.html")
    check(panel, title=str)
    assert type(panel.title) is str and panel.title == "<b>Card</b>"
    with pytest.raises(TypeError, match="weight is str, not int"):
        check(Panel("A", "a.html", weight="1"), weight=int)  # type: ignore[arg-type]


# --- Exceptions --------------------------------------------------------------------------------------------


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError("I say nothing")


@pytest.mark.parametrize(
    "error", [Silent(), GeneratorExit(), ValueError("a\0b\ud800"), type("Odd", (BaseException,), {})()]
)
def test_every_kind_of_failure_is_one_and_can_be_written_down(house: House, error: BaseException) -> None:
    def panels() -> None:
        raise error

    with guest(panels=panels) as host:
        [(_, failed)] = host.each("panels", **HERE)
        assert isinstance(failed, Failure)
        incidents.write_down()
        [kept] = incidents.latest("guest")
        assert kept.number == failed.incident.number and "\0" not in kept.error
    with pytest.raises(KeyboardInterrupt), guest(panels=lambda: (_ for _ in ()).throw(KeyboardInterrupt)) as host:
        host.each("panels", **HERE)


# --- The database, the context -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ending",
    [lambda: db.database.rollback(), lambda: db.database.commit(), lambda: db.run_sql("ROLLBACK")],
)
def test_who_ends_the_transaction_of_a_change_ends_the_change(any_house: House, ending: Any) -> None:
    """Half of it would be kept otherwise: what was written after, without what was written before."""
    any_house.people()
    with guest(validate=lambda: ending() and None) as host:
        with pytest.raises(mending.TransactionLost):
            create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
        assert host.plugins["guest"].failures == 1
    assert mending.depth() == 0 and not list(sites(Actor.system()))
    create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
    assert len(list(sites(Actor.system()))) == 1


@pytest.mark.parametrize("opening", ["BEGIN", "atomic"])
def test_a_transaction_that_is_left_open_holds_nobody_up(any_house: House, opening: str) -> None:
    any_house.people()

    def panels() -> list[Panel]:
        db.run_sql("BEGIN") if opening == "BEGIN" else db.database.atomic().__enter__()
        db.run_sql("UPDATE customer SET name = 'Mine'")
        return []

    with guest(panels=panels) as host:
        [(_, failed)] = host.each("panels", **HERE)
        assert "left a transaction open" in failed.incident.error
    assert mending.depth() == 0 and db.run_sql("SELECT count(*) FROM customer WHERE name = 'Mine'").fetchone()[0] == 0
    create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})


def test_a_wrong_statement_outside_of_a_transaction(any_house: House) -> None:
    any_house.people()
    with guest(panels=lambda: db.run_sql("SELECT 1 FROM nowhere")) as host:
        assert isinstance(host.each("panels", **HERE)[0][1], Failure)
        create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})


@pytest.mark.parametrize("how", [lambda: db.database.close(), lambda: db.database.connection().close()])
def test_who_closes_the_connection_closes_it_for_nobody(any_house: House, how: Any) -> None:
    any_house.people()
    with guest(panels=lambda: how() and None) as host:
        host.each("panels", **HERE)
    assert list(sites(Actor.system())) == []


def test_language_and_scope_are_the_caller_s_again(house: House) -> None:
    def panels() -> list[Panel]:
        language.use("zh-Hant")
        wall.carry(wall.scope_of([7]))
        return []

    with guest(panels=panels) as host:
        before = language.current(), wall.wanted()
        host.each("panels", **HERE)
        assert (language.current(), wall.wanted()) == before


def test_who_writes_while_he_is_asked_is_not_asked_about_that(house: House) -> None:
    """It would never end."""
    house.people()
    asked: list[str] = []

    def validate(kind: str) -> None:
        asked.append(kind)
        create_contact(Actor.system(), {"customer": "acme", "name": f"Ilze {len(asked)}"})

    with guest(validate=validate) as host:
        create_site(Actor.system(), {"customer": "acme", "name": "Main hall"})
        assert asked == ["site"] and host.plugins["guest"].failures == 0


# --- Declared ----------------------------------------------------------------------------------------------


class Rules(Shape):
    names = fields.List(fields.String())


REFUSED = {
    "commands": (lambda: [print], "where Command is wanted"),
    "health": (lambda: [lambda: ("ok", "")], "where HealthCheck is wanted"),
    "permissions": (lambda: ["guest.view"], "where PluginPermission is wanted"),
    "import_formats": (lambda: {".edi": 1}, "where ImportFormat is wanted"),
    "words": (lambda: [("done", ["x"])], "pairs of a group"),
    "settings": (lambda: [SettingsForm(Rules)], "an object of a sdk.Shape"),
    "models": (lambda: [Asset], "must begin with 'guest_'"),
    "jobs": (lambda: [Job("guest.often", print, minutes=0)], "every 1 to"),
    "search_sources": (lambda: [object()], "where SearchSource is wanted"),
    "blueprints": (lambda: 5, "not iterable"),
}


@pytest.mark.parametrize("called", REFUSED)
def test_what_is_declared_is_of_the_kind_that_is_wanted(called: str) -> None:
    answer, reason = REFUSED[called]
    with guest(**{called: answer}, is_open=everywhere) as host:
        assert reason in host.plugins["guest"].reason


def test_settings_that_no_form_can_be_made_for() -> None:
    with pytest.raises(TypeError, match="names, a List"):
        SettingsForm(Rules())


@pytest.mark.parametrize(
    "name", ["asset", "contract", "plugin", "core", "plugins", "api_x", "house_x", "x_house", "ours"]
)
def test_no_plugin_is_called_as_something_of_the_core_s(name: str) -> None:
    info = PluginInfo(name, "Ours", "1.0")
    with taken_in([entry(name, info=info, permissions=lambda: [PluginPermission(f"{name}.view", "Mine")])]) as host:
        taken = "is taken" in host.plugins[name].reason
        assert taken is (name != "ours"), host.plugins[name].reason


def test_commands_of_ours_are_reserved() -> None:
    from registry.cli import cli
    from registry.commands import install

    if "customer" not in cli.commands:
        install(cli)
    free = sorted(name for name in cli.commands if records.NAME.match(name) and not names.taken(name))
    assert not free, "a plugin of that name could never be called: add it to RESERVED"


def test_two_of_one_name_and_a_name_with_a_colon(monkeypatch: pytest.MonkeyPatch) -> None:
    one = entry("guest")
    with taken_in([one, one], is_open=everywhere) as host:
        assert "More than one distribution brings it" in host.plugins["guest"].reason
    other = type(one)("guest", f"{one.value}:PLUGIN", one.group)
    with taken_in([other], is_open=everywhere) as host:
        assert "name the module alone" in host.plugins["guest"].reason


def test_who_cannot_be_declared_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.plugins import declaring

    monkeypatch.setattr(declaring.access, "Permission", None)
    with guest(permissions=lambda: [PluginPermission("guest.view", "See")], is_open=everywhere) as host:
        assert "TypeError" in host.plugins["guest"].reason


@pytest.mark.parametrize(
    "text", ['msgid "x\nbroken', "\xff", 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n**9;\\n"\n']
)
def test_a_broken_catalogue_takes_no_language_with_it(tmp_path: Path, text: str, house: House) -> None:
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "zh-Hant.po").write_bytes(text.encode("latin-1"))
    with guest(file=str(tmp_path / "plugin.py"), health=lambda: [HealthCheck("x", lambda: ("ok", "Well."))]):
        with language.speaking("zh-Hant"):
            assert language._("Assets") == "資產"
        told = {one.text for one in checking.findings() if one.state == "fault"}
        assert any("zh-Hant.po cannot be read" in one for one in told) or text != "\xff"


# --- Stopped and started -----------------------------------------------------------------------------------


def fails() -> None:
    raise RuntimeError("the shelf is empty")


def test_a_process_that_has_stopped_a_plugin_hears_that_it_may_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was switched on again in another process: this one neither keeps it off, nor switches it off once more."""
    admin = house.people().admin.actor
    with guest(panels=fails) as host:
        plugin = host.plugins["guest"]
        for _ in range(MOST_FAILURES):
            host.each("panels", **HERE)
        incidents.write_down_in_the_worker()
        assert plugin.suspended and not switches.is_open("guest", None)
        with monkeypatch.context() as elsewhere:  # whose plugin has never failed
            elsewhere.setattr(Host, "resume", lambda _self, _plugin: None)
            switches.switch(admin, "guest", on=True)
        switches.forget()
        assert len(host.each("panels", **HERE)) == 1 and plugin.failures == 1
        incidents.write_down()
        assert switches.is_open("guest", None)


def test_a_strict_house_takes_in_what_is_sound() -> None:
    strict = Host(strict=True)
    load(strict, broken("raises_late"))
    assert strict.plugins["raises_late"].works
