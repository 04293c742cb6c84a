"""`assetcare check`: finds what is not in order, says what to do about it, and finds nothing where all is well."""

import json
import os
import shutil
import socket
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from registry import checks
from registry.app import open_house
from registry.kernel import clock, db, installation, mail, tickets, timetable
from registry.kernel.errors import Problem
from registry.kernel.secrets import WeakSecret
from registry.settings import Settings
from tests.houses import SECRET, House
from tests.programs import run_module
from tests.server import free_port
from tests.smtp import Sink

OTHER = "0d9f8e7c6b5a493827160f5e4d3c2b1a0f9e8d7c6b5a"


def found(house: House, subject: str = "", **settings: Any) -> dict[str, tuple[str, str]]:
    """subject -> (worst state, texts) of what is found with these settings."""
    chosen = replace(house.settings, **settings)
    worst: dict[str, tuple[str, str]] = {}
    order = (checks.OK, checks.ADVICE, checks.FAULT)
    for one in checks.run(chosen):
        if subject in ("", one.subject):
            state, text = worst.get(one.subject, (checks.OK, ""))
            worst[one.subject] = (max(state, one.state, key=order.index), f"{text} {one.text}".strip())
    return worst


def test_what_a_fresh_installation_is_told(house: House) -> None:
    os.chmod(house.settings.data, 0o700)
    states = {subject: state for subject, (state, _) in found(house).items()}
    assert {subject for subject, state in states.items() if state == checks.FAULT} == set()
    advice = {subject for subject, state in states.items() if state == checks.ADVICE}
    assert advice == {"public address", "people", "mail", "worker"}


def test_an_installation_fit_for_strangers_is_told_nothing(house: House) -> None:
    os.chmod(house.settings.data, 0o700)
    house.person("admin@operator.example", "admin")
    timetable.enrol({"imports.give_up_interrupted": 5})
    with Sink() as sink:
        ready = {
            "public_url": "https://assets.example.com", "proxies": 1, "require_second_factor": "operator",
            "smtp": f"smtp://127.0.0.1:{sink.port}", "mail_from": "assets@example.com",
        }  # fmt: skip
        chosen = replace(house.settings, **ready)
        mail.use(smtp=chosen.smtp, folder=chosen.data / "mail", sender=chosen.mail_from, public_url=chosen.public_url)
        bad = {subject: one for subject, one in found(house, **ready).items() if one[0] != checks.OK}
    assert bad == {}


@pytest.mark.parametrize(
    ("subject", "settings", "state", "text"),
    [
        ("secret", {"secret": "changeme" * 5}, checks.FAULT, "too weak"),
        ("secret", {"secret": OTHER}, checks.FAULT, "another secret"),
        ("public address", {"public_url": "http://a.example"}, checks.ADVICE, "not https"),
        ("public address", {"public_url": "https://a.example"}, checks.OK, "https://a.example"),
        ("host names", {"host": "0.0.0.0"}, checks.ADVICE, "any Host name"),  # noqa: S104
        ("host names", {"host": "0.0.0.0", "trusted_hosts": ("a.example",)}, checks.OK, "a.example"),  # noqa: S104
        ("proxies", {"public_url": "https://a.example"}, checks.ADVICE, "ASSETCARE_PROXIES"),
        ("proxies", {"proxies": 1, "host": "0.0.0.0"}, checks.OK, "by the proxy alone"),  # noqa: S104
        ("people", {"require_second_factor": "none"}, checks.ADVICE, "second factor"),
        ("file store", {}, checks.OK, "there and back"),
        ("queue", {"queue": "redis://127.0.0.1:1/0"}, checks.FAULT, "could not be checked"),
        ("queue", {"queue": "sqlite:////tmp/x.db", "database": "postgresql://x"}, checks.ADVICE, "A file on this host"),
    ],
)
def test_what_is_amiss_is_named(
    house: House, subject: str, settings: dict[str, Any], state: str, text: str, tmp_path: Path
) -> None:
    installation.same_secret(SECRET)
    if "queue" in settings:
        settings = {name: value.replace("/tmp/x.db", f"{tmp_path}/x.db") for name, value in settings.items()}
    result = found(house, subject, **settings)[subject]
    assert result[0] == state and text in result[1]


def test_a_folder_that_others_may_look_into_is_refused(house: House) -> None:
    folder = house.settings.data
    folder.chmod(0o750)
    assert found(house, "data folder")["data folder"] == (
        checks.FAULT,
        f"{folder} is open to others (mode 750): chmod 700 it.",
    )
    folder.chmod(0o705)
    with pytest.raises(WeakSecret, match="chmod 700"):
        open_house(house.settings)
    os.chmod(folder, 0o700)
    open_house(house.settings)


@pytest.mark.parametrize(
    ("free", "state"), [(100 * 1024**2, checks.FAULT), (4 * 1024**3, checks.ADVICE), (60 * 1024**3, checks.OK)]
)
def test_room_on_the_disk(house: House, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    usage = namedtuple("usage", "total used free")(100 * 1024**3, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert found(house, "disk")["disk"][0] == state


def test_a_mail_server_that_does_not_answer(house: House) -> None:
    url = f"smtp://127.0.0.1:{free_port()}"
    mail.use(smtp=url, folder=house.settings.data, sender="a@example.com", public_url="https://a.example")
    state, text = found(house, "mail", smtp=url)["mail"]
    assert state == checks.FAULT and "ConnectionRefused" in text


def test_workers_that_do_not_run(house: House) -> None:
    name = "imports.give_up_interrupted"
    with clock.frozen(clock.now() - timedelta(minutes=5)):
        timetable.enrol({name: 5})
    assert found(house, "worker")["worker"][0] == checks.OK
    with clock.frozen(clock.now() + timedelta(minutes=30)):
        assert found(house, "worker")["worker"] == (checks.FAULT, f"No worker runs: {name} should have run.")
    tickets.issue(name, {})
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        timetable.JobTurn.update(due_at=clock.now()).execute()
        assert "the first for 20 minutes" in found(house, "worker")["worker"][1]


def test_a_broken_chain_and_a_broken_check_are_faults(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.customer("acme")
    assert found(house, "audit chains")["audit chains"][0] == checks.OK
    db.run_sql("DROP TRIGGER audit_entry_no_update")
    db.run_sql("UPDATE audit_entry SET label = 'forged'")
    assert found(house, "audit chains")["audit chains"][0] == checks.FAULT

    def broken(_settings: Settings) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(checks, "CHECKS", [("first", broken), ("secret", checks._secret)])
    assert found(house)["first"][0] == checks.FAULT and found(house)["secret"][0] == checks.OK


@pytest.mark.postgres
def test_what_postgresql_is_asked(postgres_house: House) -> None:
    answers = found(postgres_house, secret=SECRET)
    assert answers["clock"] == (checks.OK, "as the database's")
    assert answers["second wall"][0] == checks.OK and "holds the role assetcare back" in answers["second wall"][1]
    db.run_sql("ALTER TABLE asset NO FORCE ROW LEVEL SECURITY")
    state, text = found(postgres_house, "second wall")["second wall"]
    assert state == checks.FAULT and "No row-level security on: asset." in text
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert "differ by 120 s" in found(postgres_house, "clock")["clock"][1]


@pytest.mark.postgres
def test_a_role_that_passes_the_wall_is_named(postgres_house: House) -> None:
    postgres_house.close()
    mighty = House(
        postgres_house.settings.data, postgres_house.settings.database.replace("//assetcare@", "//postgres@")
    )
    mighty.open()
    answers = found(mighty, "second wall")["second wall"]
    mighty.close()
    postgres_house.open()
    assert answers[0] == checks.ADVICE and "The role postgres passes" in answers[1]


@pytest.mark.slow
def test_the_command(house: House) -> None:
    os.chmod(house.settings.data, 0o700)
    house.close()
    code, out, err = run_module(house, "registry", "check", "--json", "--no-chains")
    told = json.loads(out)
    assert (code, told["in_order"]) == (0, True), (out, err)
    subjects = [one["subject"] for one in told["findings"]]
    assert "audit chains" not in subjects and "public address" in subjects
    code, out, _ = run_module(house, "registry", "check", "--public")
    assert code == 1 and "ADVICE  public address" in out and out.endswith("Not in order.\n")


# --- One secret for all hosts -------------------------------------------------------------------------------


def test_a_database_belongs_to_one_secret(any_house: House) -> None:
    assert installation.known_secret() is None
    for _ in range(2):
        installation.same_secret(SECRET)
    assert installation.known_secret() == installation.fingerprint(SECRET) != installation.fingerprint(OTHER)
    with pytest.raises(Problem, match="same ASSETCARE_SECRET"):
        installation.same_secret(OTHER)
    installation.accept_secret(OTHER)
    installation.same_secret(OTHER)
    with pytest.raises(Problem):
        installation.same_secret(SECRET)


@pytest.mark.slow
def test_a_host_that_made_a_secret_of_its_own_is_refused(house: House) -> None:
    os.chmod(house.settings.data, 0o700)
    installation.same_secret(SECRET)
    house.settings = replace(house.settings, secret=OTHER)
    house.close()
    code, _, err = run_module(house, "registry", "audit", "verify")
    assert code == 1 and "assetcare secret accept" in err
    code, out, _ = run_module(house, "registry", "secret", "accept")
    assert code == 0 and "belongs to the database now" in out
    code, out, _ = run_module(house, "registry", "audit", "verify")
    assert code == 0 and "chain 0: 1 entries, sound" in out
