"""assetcare import KIND FILE, as a person at a terminal uses it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from registry import commands
from registry.assets.service import change_asset
from registry.cli import Commands
from tests.houses import House
from tests.imports.many_assets import write
from tests.imports.world import assets, table

Run = Callable[..., Result]
GOOD = table(("serial", "tag", "model"), ("A1", "T1", "Switch"), ("A2", "T2", "Switch"))
BAD = table(("serial", "model", "bought"), ("A1", "Switch", "1/2/23"), ("A2", "Switch", ""))


@pytest.fixture
def run(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """run("assets", text_or_path, *options) -> Result; run("undo", number) undoes."""
    house.customer("acme")
    monkeypatch.setenv("ASSETCARE_DATA", str(house.settings.data))
    monkeypatch.setenv("ASSETCARE_DATABASE", house.settings.database)
    monkeypatch.setenv("ASSETCARE_SECRET", house.settings.secret)
    group = click.version_option("0")(Commands("assetcare"))
    commands.install(group)

    def go(kind: str, data: str | Path | int, *options: str) -> Result:
        path = data if isinstance(data, Path) else tmp_path / "file.csv"
        if isinstance(data, str):
            path.write_text(data)
        words = [kind, str(data)] if isinstance(data, int) else [kind, str(path), "--customer", "acme"]
        house.close()
        try:
            return CliRunner().invoke(group, ["import", *words, *options])
        finally:
            house.open()

    return go


def told(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)


def test_import_and_what_it_says(house: House, run: Run) -> None:
    result = run("assets", GOOD)
    assert result.exit_code == 0, result.output
    assert "2 rows: 2 created, 0 updated, 0 unchanged, 0 skipped, 0 errors" in result.stdout
    assert "1 product that did not exist was created: Switch" in result.stdout
    assert len(assets(house)) == 2


def test_dry_run_with_json_and_a_key(house: House, run: Run) -> None:
    result = run("assets", GOOD, "--dry-run", "--key", "tag", "--json")
    body = told(result)
    assert result.exit_code == 0 and (body["state"], body["created"], body["key"]) == ("checked", 2, "tag")
    assert assets(house) == []


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_errors_end_with_1_and_name_the_line(house: House, run: Run, more: tuple[str, ...]) -> None:
    result = run("assets", BAD, *more)
    assert result.exit_code == 1 and assets(house) == []
    assert "line 2, column bought ('1/2/23')" in result.stderr and "date_order=mdy" in result.stderr


def test_errors_may_be_skipped_or_answered(house: House, run: Run) -> None:
    assert run("assets", BAD, "--skip-errors").exit_code == 0 and len(assets(house)) == 1
    assert run("assets", BAD, "--date-order", "mdy").exit_code == 0
    assert {str(one.purchased_on) for one in assets(house)} == {"2023-01-02", "None"}


def test_columns_can_be_given(house: House, run: Run) -> None:
    data = table(("S=N", "Modell", "serial"), ("A1", "S", "ignored"))
    body = told(run("assets", data, "--map", "S=N=serial", "--map", "Modell=product", "--map", "serial=", "--json"))
    assert body["mapping"] == {"S=N": "serial", "Modell": "product", "serial": None}
    assert [one.serial for one in assets(house)] == ["A1"]
    for wrong in ("serial", "=serial"):
        assert run("assets", data, "--map", wrong).exit_code == 2
    assert run("assets", data, "--map", "serial=colour").exit_code == 1


@pytest.mark.parametrize(
    ("kind", "data", "options", "text"),
    [
        ("boats", GOOD, (), "kind"),
        ("assets", GOOD, ("--key", "colour"), "key"),
        ("assets", 'serial,model\n"A1,S\n', (), "Line 2"),
        ("assets", "name\nx\n", (), "required field product"),
        ("assets", GOOD, ("--saved-mapping", "none"), "saved_mapping"),
        ("assets", table(("serial", "model"), ("A1", "New")), ("--no-create-missing",), "There is no product"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_1(
    run: Run, kind: str, data: str, options: tuple[str, ...], text: str
) -> None:
    result = run(kind, data, *options)
    assert result.exit_code == 1 and text in result.stderr and "Traceback" not in result.output


def test_a_line_of_progress_on_a_terminal(
    house: House, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.imports import commands as ours

    monkeypatch.setattr(ours, "_is_terminal", lambda: True)
    monkeypatch.setattr(ours, "REDRAW_SECONDS", 0.01)
    result = run("assets", write(tmp_path / "many.csv", 8000))
    assert result.exit_code == 0 and " rows " in result.stderr and "%" in result.stderr


def test_undo_as_a_whole_or_not_at_all(house: House, run: Run) -> None:
    number = told(run("assets", GOOD, "--json"))["id"]
    change_asset(house.system, assets(house)[0].id, {"name": "by hand"}, 1)
    refused = run("undo", number)
    assert refused.exit_code == 1 and "rows: asset A1" in refused.stderr and len(assets(house)) == 2
    later = told(run("assets", table(("serial", "model"), ("B1", "Switch")), "--json"))["id"]
    done = run("undo", later)
    assert done.exit_code == 0 and f"Import {later}" in done.stdout and "is undone" in done.stdout
    assert [one.serial for one in assets(house)] == ["A1", "A2"]
    again = run("undo", later, "--json")
    assert again.exit_code == 1 and "undone" in again.stderr and again.stdout == ""
    assert run("undo", 10**6).exit_code == 1 and run("undo", 0).exit_code == 2


def test_undo_with_json(house: House, run: Run) -> None:
    number = told(run("assets", GOOD, "--json"))["id"]
    assert told(run("undo", number, "--json"))["state"] == "undone" and assets(house) == []
