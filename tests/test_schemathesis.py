"""Schemathesis finds nothing: no server error, nothing undocumented, nothing accepted that should not be.

Continuous integration asks several times as much. What fails prints the curl line that repeats it.
"""

import os

import pytest

from tests.fuzzing import explore, furnish
from tests.houses import House

LONG = bool(os.environ.get("CI"))
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # the generators' own warnings are not ours


@pytest.mark.parametrize(
    ("who", "phases", "examples", "one_in"),
    [
        pytest.param("admin", ("coverage",), 1, 1 if LONG else 8, id="admin-coverage"),
        pytest.param("admin", ("fuzzing",), 5 if LONG else 2, 1 if LONG else 2, id="admin-fuzzing"),
        pytest.param("admin", ("stateful",), 50 if LONG else 8, 1, id="admin-stateful"),
        pytest.param("manager", ("coverage",), 1, 4 if LONG else 16, id="manager-coverage"),
        pytest.param("manager", ("fuzzing",), 3 if LONG else 2, 2, id="manager-fuzzing"),
    ],
)
def test_nothing_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch, who: str, phases: tuple[str, ...], examples: int, one_in: int
) -> None:
    report = explore(house, furnish(house)[who], monkeypatch, phases, examples=examples, one_in=one_in)
    assert not report.faults, f"{report}\n\nanswers: {dict(report.answers)}"
    assert report.answers[200] > 3 and report.answers.total() > 60, f"too little was asked: {dict(report.answers)}"


@pytest.mark.postgres
def test_nothing_is_found_on_postgresql(postgres_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, one_in = furnish(postgres_house)["admin"], 2 if LONG else 4
    report = explore(postgres_house, admin, monkeypatch, ("fuzzing",), examples=2, one_in=one_in, seed=2)
    assert not report.faults, f"{report}\n\nanswers: {dict(report.answers)}"


def test_a_server_error_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run can fail: on a route that breaks."""
    admin, views = furnish(house)["admin"], house.app.view_functions

    def broken(**_arguments: object) -> None:
        raise RuntimeError("broken on purpose")

    broken.__policy__ = views["api_search.find"].__policy__  # type: ignore[attr-defined]
    monkeypatch.setitem(views, "api_search.find", broken)
    report = explore(house, admin, monkeypatch, ("coverage",), examples=1, only="/search")
    assert ("not_a_server_error", "GET /api/v1/search") in report.faults


def test_an_undocumented_answer_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, views = furnish(house)["admin"], house.app.view_functions
    monkeypatch.setitem(views, "api_account.me", views["api_assets.list_statuses"])
    report = explore(house, admin, monkeypatch, ("coverage",), examples=1, only="/me")
    assert ("response_schema_conformance", "GET /api/v1/me") in report.faults
