"""Hooks by which plugins decide, or bring something in: terms of a new unit, sign-in, files to import, words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from registry.imports.drafts import bring_file, look_into
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid, Unauthenticated
from registry.labels import plugged, service, templates
from registry.labels.resolving import meaning_of
from registry.people.models import Session
from registry.people.signin import Origin, sign_in
from registry.plugins import finding
from registry.plugins.host import Host
from registry.plugins.records import ImportFormat, LabelField, LabelTemplate, PluginInfo
from registry.sdk import hook
from registry.warranty.models import Warranty
from registry.warranty.registering import register_covered
from tests.houses import House
from tests.plugins.world import taken_in


@contextmanager
def plugin(monkeypatch: pytest.MonkeyPatch, **hooks: Callable[..., Any]) -> Iterator[Host]:
    """One plugin, `chooser`, with these hooks."""
    module = ModuleType("chooser")
    module.__file__ = __file__
    module.PLUGIN = PluginInfo("chooser", "Chooser", "1.0")  # type: ignore[attr-defined]
    for name, function in hooks.items():
        setattr(module, name, hook(function))
    monkeypatch.setitem(__import__("sys").modules, "chooser", module)
    with taken_in([EntryPoint("chooser", "chooser", finding.GROUP)]) as host:
        assert not host.plugins["chooser"].reason, host.plugins["chooser"].reason
        yield host


# --- Terms of a new unit -----------------------------------------------------------------------------------


def unit(house: House, **values: Any) -> list[Warranty]:
    """The warranties of a unit that acme's manager registers."""
    given = {"customer": "acme", "product": house.product().id, "serial": "SN-1", **values}
    asset = register_covered(house.people().owner.actor, given)
    return list(visible(Warranty, Actor.system()).where(Warranty.asset == asset.id))


def test_the_terms_that_a_plugin_chooses(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.people()
    seen: list[Any] = []

    def warranty_for(asset: Any, actor: Any) -> str:
        seen.append((asset["serial"], actor.name))
        return "hardware"

    with plugin(monkeypatch, warranty_for=warranty_for):
        assert len(unit(house, delivered_on=None)) == 1
    assert seen == [("SN-1", "alice")]


@pytest.mark.parametrize(
    ("answer", "failures"), [(lambda asset: None, 0), (lambda asset: "no-such-terms", 1), (lambda asset: 1 / 0, 1)]
)
def test_a_choice_that_cannot_be_is_none(
    house: House, monkeypatch: pytest.MonkeyPatch, answer: Any, failures: int
) -> None:
    house.people()
    with plugin(monkeypatch, warranty_for=answer) as host:
        assert unit(house) == []
        assert host.plugins["chooser"].failures == failures


def test_terms_that_were_named_are_not_asked_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = house.people()
    with plugin(monkeypatch, warranty_for=lambda asset: "hardware") as host:
        given = {"customer": "acme", "product": house.product().id, "serial": "SN-1", "terms": "hardware"}
        register_covered(people.admin.actor, given)
        assert host.plugins["chooser"].calls == 0


# --- Sign-in -----------------------------------------------------------------------------------------------


def test_somebody_whom_another_directory_knows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = house.people()
    wanted = people.owner.user

    def authenticate(credentials: Any) -> int | None:
        return int(wanted.id) if credentials == {"email": wanted.email, "password": "from elsewhere"} else None

    with plugin(monkeypatch, authenticate=authenticate):
        assert sign_in(wanted.email.upper(), "from elsewhere", Origin())
        with pytest.raises(Unauthenticated):
            sign_in(wanted.email, "wrong", Origin())
    assert [row.user_id for row in Session.select()] == [wanted.id]


def test_an_account_that_is_shut_stays_shut(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    user = house.people().owner.user
    type(user).update(active=False).where(type(user).id == user.id).execute()
    with plugin(monkeypatch, authenticate=lambda credentials: user.id), pytest.raises(Unauthenticated):
        sign_in(user.email, "any", Origin())
    failed = AuditEntry.select().where(AuditEntry.action == "user.sign_in_failed")
    assert [row.object_id for row in failed] == [user.id], "on record like any other"


@pytest.mark.parametrize("answer", [True, "1", 10**6, None])
def test_what_names_nobody_lets_nobody_in(house: House, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    people = house.people()
    with plugin(monkeypatch, authenticate=lambda credentials: answer), pytest.raises(Unauthenticated):
        sign_in(people.owner.user.email, "any", Origin())


# --- Files to import ---------------------------------------------------------------------------------------


def edi(path: Path) -> Iterator[list[str]]:
    text = path.read_text()
    if not text.startswith("UNB"):
        raise ValueError("This is no delivery note: it must begin with UNB.")
    yield ["Serial number", "Product", "Kind"]
    for line in text.splitlines()[1:]:
        yield [line, "Switch 48", "hardware"]


def brought(text: str) -> Any:
    values = {"customer": "acme", "kind": "assets", "filename": "note.edi"}
    return bring_file(Actor.system(), values, lambda path: Path(path).write_text(text) and None)


def test_a_file_that_a_plugin_reads(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.people()
    with plugin(monkeypatch, import_formats=lambda: [ImportFormat(".edi", "Delivery note", edi)]) as host:
        session = brought("UNB\nSN-1\nSN-2\n")
        look = look_into(Actor.system(), session)
        assert (session.filename, look.headers) == ("note.edi.csv", ["Serial number", "Product", "Kind"])
        assert look.samples[0] == ["SN-1", "SN-2"]
        with pytest.raises(Invalid) as refused:
            brought("PDF")
        assert "must begin with UNB" in refused.value.errors["file"][0]
        monkeypatch.setattr(host, "open", lambda _plugin, _customer: False)
        with pytest.raises(Invalid):
            brought("UNB\nSN-1\n")


def test_no_plugin_takes_the_core_s_own_files() -> None:
    for suffix in (".csv", ".xlsx", "edi", ".EDI", "."):
        with pytest.raises(ValueError, match="import format"):
            ImportFormat(suffix, "Ours", edi)


# --- Labels ------------------------------------------------------------------------------------------------


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIELDS", "TEMPLATES"):
        monkeypatch.setattr(templates, name, dict(getattr(templates, name)))


def acme_unit(house: House) -> Any:
    house.people()
    return house.asset("acme", serial="SN-1")


def test_a_plugin_s_own_label(house: House, monkeypatch: pytest.MonkeyPatch, as_before: None) -> None:
    made = [
        LabelTemplate("chooser_rack", "Rack", ("chooser_rack_no", "code")),
        LabelField("chooser_rack_no", "Rack number", lambda subject: f"Rack {subject['place']}"),
    ]
    house.people()
    with plugin(monkeypatch, label_templates=lambda: made, label_for=lambda subject: "chooser_rack"):
        plugged.take_in()
        subject = templates.Subject("2222222222222", 1, place="A01")
        chosen = templates.usual_for(subject)
        assert (chosen.name, [line.text for line in templates.lines_of(chosen, subject)][0]) == (
            "chooser_rack",
            "Rack A01",
        )


def test_a_label_that_names_what_nobody_knows_keeps_its_plugin_out(
    house: House, monkeypatch: pytest.MonkeyPatch, as_before: None
) -> None:
    with plugin(monkeypatch, label_templates=lambda: [LabelTemplate("chooser_x", "X", ("nothing",))]) as host:
        plugged.take_in()
        assert "no fields called nothing" in host.plugins["chooser"].reason


def test_a_field_that_fails_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch, as_before: None) -> None:
    made = [
        LabelField("chooser_bad", "Bad", lambda subject: 1 / 0),  # type: ignore[arg-type, return-value]
        LabelTemplate("chooser_t", "T", ("chooser_bad", "serial")),
    ]
    house.people()
    with plugin(monkeypatch, label_templates=lambda: made):
        plugged.take_in()
        lines = templates.lines_of(templates.template_named("chooser_t"), templates.Subject("2" * 13, 1, serial="S"))
        assert [line.text for line in lines] == ["SN S"]


def test_where_a_scan_leads(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asset, people = acme_unit(house), house.people()
    label = service.issue(Actor.system(), asset.id)
    usual = people.owner.get(f"/L/{label.code}").headers["Location"]
    assert usual.endswith(f"/c/acme/assets/{asset.id}")

    def scan_target(unit: Any, actor: Any) -> str | None:
        return f"/c/{unit['slug']}/x/chooser/{unit['asset_id']}" if actor.is_operator else None

    with plugin(monkeypatch, scan_target=scan_target):
        assert people.owner.get(f"/L/{label.code}").headers["Location"] == usual
        assert people.engineer.get(f"/L/{label.code}").headers["Location"].endswith(f"/c/acme/x/chooser/{asset.id}")
    with plugin(monkeypatch, scan_target=lambda unit: "//evil.example/"):
        assert people.owner.get(f"/L/{label.code}").headers["Location"] == usual, "only to pages of ours"


def test_a_text_that_only_a_plugin_understands(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asset, people = acme_unit(house), house.people()
    foreign = house.asset("globex", serial="SN-2")
    with plugin(monkeypatch, scanned=lambda text: [asset.id, foreign.id] if text == "RACK-A01" else None):
        assert meaning_of(people.owner.actor, "RACK-A01").units == [asset.id]
        assert meaning_of(people.owner.actor, "SN-1").how == "serial"
