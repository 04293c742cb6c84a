"""Schemathesis finds nothing: no server error, nothing undocumented, nothing accepted that should not be.

Continuous integration looks several times longer. What fails prints the curl line that repeats it.
"""

import os

import pytest

from tests.fuzzing import explore, furnish
from tests.houses import House

LONG = bool(os.environ.get("CI"))
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # the generators' own warnings are not ours


@pytest.mark.parametrize(
    ("who", "phases", "seconds", "examples"),
    [
        pytest.param("admin", ("coverage",), 60 if LONG else 12, 1, id="admin-coverage"),
        pytest.param("admin", ("fuzzing", "stateful"), 20 if LONG else 6, 10 if LONG else 2, id="admin-fuzzing"),
        pytest.param("manager", ("coverage", "fuzzing"), 20 if LONG else 6, 5 if LONG else 2, id="manager"),
    ],
)
def test_nothing_is_found(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    phases: tuple[str, ...],
    seconds: float,
    examples: int,
) -> None:
    person = furnish(house)[who]
    report = explore(house, person, monkeypatch, phases, seconds=seconds, examples=examples)
    assert not report.faults, f"{report}\n\nanswers: {dict(report.answers)}"
    assert report.answers[200] > 10 and report.answers[422] > 10, f"too little was asked: {dict(report.answers)}"


@pytest.mark.postgres
def test_nothing_is_found_on_postgresql(postgres_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person = furnish(postgres_house)["admin"]
    seconds, examples = (20, 5) if LONG else (6, 1)
    report = explore(postgres_house, person, monkeypatch, ("fuzzing",), seconds=seconds, examples=examples, seed=2)
    assert not report.faults, f"{report}\n\nanswers: {dict(report.answers)}"


def test_a_fault_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run can fail: a route that breaks, and one that answers what is not documented."""
    person = furnish(house)["admin"]
    views = house.app.view_functions

    def broken(**_arguments: object) -> None:
        raise RuntimeError("broken on purpose")

    broken.__policy__ = views["api_search.find"].__policy__  # type: ignore[attr-defined]
    monkeypatch.setitem(views, "api_search.find", broken)
    monkeypatch.setitem(views, "api_people.me", views["api_assets.list_statuses"])
    report = explore(house, person, monkeypatch, ("fuzzing",), seconds=15, examples=1)
    assert ("not_a_server_error", "GET /api/v1/search") in report.faults
    assert ("response_schema_conformance", "GET /api/v1/me") in report.faults
