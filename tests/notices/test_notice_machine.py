"""Notices against a simple model: terms that come, move and go, plans that change, a clock that jumps."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from registry.assets.service import retire_asset
from registry.contracts.service import terminate_contract
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.licences.service import change_licence
from registry.notices.plans import change_plan
from registry.warranty.service import extend_warranty, void_warranty
from tests.houses import House
from tests.notices.world import Calendar

ZONE = ZoneInfo("America/St_Johns")  # half an hour off, and with a change of clocks
BEGIN = datetime(2027, 3, 1, 12, tzinfo=ZONE)
GRACE = 7
Told = tuple[str, int, date, int]
ends = st.integers(-3, 120).map(lambda days: BEGIN.date() + timedelta(days=days))
steps = st.lists(st.sampled_from([0, 1, 7, 30, 90]), min_size=1, unique=True)
hours = st.sampled_from([(None, None), ("20:00", "07:00"), ("11:00", "13:30")])
weekdays = st.sets(st.integers(1, 7), max_size=3)


@dataclass
class Cover:
    """From `start` through `end`, as promised or (not `natural`) cut short. A void one cannot be changed any more."""

    start: date
    end: date
    natural: bool = True
    void: bool = False


@dataclass
class Unit:
    id: int
    covers: dict[int, Cover] = field(default_factory=dict)
    retired: bool = False

    def ends(self) -> set[date]:
        """The last days of what was promised, when nothing covers the day after."""
        found = {cover.end for cover in self.covers.values() if cover.natural and not self.retired}
        return {day for day in found if not self._covered(day + timedelta(days=1))}

    def _covered(self, day: date) -> bool:
        return any(cover.start <= day <= cover.end for cover in self.covers.values())


class Notices(RuleBasedStateMachine):
    template: ClassVar[Path]
    products: ClassVar[tuple[int, int]]

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(self.template, self.folder / "assetcare.db")
        self.house = House(self.folder, f"sqlite:///{self.folder / 'assetcare.db'}")
        self.house.open()
        self.now = BEGIN
        self.world = Calendar.__new__(Calendar)
        self.world.house, self.world.product, self.world.software = self.house, *self.products
        self.units: list[Unit] = []
        self.licences: dict[int, date] = {}
        self.contracts: dict[int, tuple[date, int]] = {}
        self.made = 0
        self.plan: dict[str, Any] = {"steps": [90, 30, 7, 0], "quiet": (None, None), "days": set()}
        self.told: list[Told] = []

    def frozen(self, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with clock.frozen(self.now):
            return act(*arguments, **named)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()
            shutil.rmtree(self.folder)

    # --- What happens to terms ---------------------------------------------------------------------------

    @rule(end=ends)
    def new_unit(self, end: date) -> None:
        asset = self.frozen(self.world.unit, f"SN-{len(self.units)}", None, slug="here")
        self.units.append(Unit(asset.id))
        self._give(self.units[-1], end)

    @precondition(lambda self: self.units)
    @rule(data=st.data(), end=ends)
    def one_more_warranty(self, data: st.DataObject, end: date) -> None:
        unit = data.draw(st.sampled_from(self.units))
        if not unit.retired:
            self._give(unit, end)

    def _give(self, unit: Unit, end: date) -> None:
        asset = type("Named", (), {"id": unit.id})
        given = self.frozen(self.world.warranty, asset, end)
        unit.covers[given.id] = Cover(given.starts_on, end)

    def _open_ones(self) -> list[tuple[int, Cover]]:
        return [pair for unit in self.units for pair in unit.covers.items() if not pair[1].void]

    @precondition(lambda self: self._open_ones())
    @rule(data=st.data(), days=st.integers(1, 120))
    def extend(self, data: st.DataObject, days: int) -> None:
        key, cover = data.draw(st.sampled_from(self._open_ones()))
        cover.end += timedelta(days=days)
        self.frozen(extend_warranty, Actor.system(), key, by=cover.end, remedies=None, reason="x", version=0)

    @precondition(lambda self: self._open_ones())
    @rule(data=st.data(), ahead=st.integers(0, 40))
    def void(self, data: st.DataObject, ahead: int) -> None:
        key, cover = data.draw(st.sampled_from(self._open_ones()))
        day = self.now.date() + timedelta(days=ahead)
        self.frozen(void_warranty, Actor.system(), key, on=day, reason="x", version=0)
        cover.void = True
        if day <= cover.end:
            cover.end, cover.natural = day - timedelta(days=1), False

    @precondition(lambda self: self.units)
    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        unit = data.draw(st.sampled_from(self.units))
        if not unit.retired:
            self.frozen(retire_asset, Actor.system(), unit.id, 0)
            unit.retired = True

    @rule(end=ends)
    def new_licence(self, end: date) -> None:
        made = self.frozen(self.world.licence, f"L-{len(self.licences)}", end, slug="here")
        self.licences[made.id] = end

    @precondition(lambda self: self.licences)
    @rule(data=st.data(), end=ends)
    def move_licence(self, data: st.DataObject, end: date) -> None:
        """Longer or shorter."""
        key = data.draw(st.sampled_from(sorted(self.licences)))
        self.frozen(change_licence, Actor.system(), key, {"ends_on": end}, 0)
        self.licences[key] = end

    @rule(end=ends, notice=st.sampled_from([0, 14, 60]))
    def new_contract(self, end: date, notice: int) -> None:
        self.made += 1
        values = {"renewal": "tacit", "renewal_period": "P1Y", "notice_days": notice}
        made = self.frozen(self.world.contract, f"C-{self.made}", end, slug="here", **values)
        self.contracts[made.id] = (end, notice)

    @precondition(lambda self: self.contracts)
    @rule(data=st.data())
    def terminate(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.contracts)))
        day = self.now.date() + timedelta(days=1)
        self.frozen(terminate_contract, Actor.system(), key, {"terminated_on": day, "reason": "x"}, 0)
        del self.contracts[key]

    @rule(wanted=steps, quiet=hours, days=weekdays)
    def change_plan(self, wanted: list[int], quiet: tuple[str | None, str | None], days: set[int]) -> None:
        self.plan = {"steps": wanted, "quiet": quiet, "days": days}
        values = {"steps": wanted, "quiet_from": quiet[0], "quiet_to": quiet[1], "quiet_days": sorted(days)}
        self.frozen(change_plan, Actor.system(), "here", values, 0)

    # --- Time passes, and the job runs ---------------------------------------------------------------------

    @rule(hours=st.sampled_from([0, 0.25, 6, 11, 24, 24, 24 * 7, 24 * 30]))
    def run(self, hours: float) -> None:
        self.now = (self.now.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)).astimezone(ZONE)
        expected = set() if self._quiet() else self._due()
        self.frozen(self.world.run)
        told = self.world.told()
        assert told[: len(self.told)] == self.told, "what was announced stays announced"
        assert set(told[len(self.told) :]) == expected
        self.told = told

    def _quiet(self) -> bool:
        begin, end = self.plan["quiet"]
        at = f"{self.now:%H:%M}"
        by_hour = begin is not None and (begin <= at < end if begin < end else at >= begin or at < end)
        return by_hour or self.now.isoweekday() in self.plan["days"]

    def _due(self) -> set[Told]:
        today, found = self.now.date(), set[Told]()
        all_ends = [("asset_warranty", unit.id, day) for unit in self.units for day in unit.ends()]
        all_ends += [("licence", key, day) for key, day in self.licences.items()]
        for topic, key, day in all_ends:
            found.add((topic, key, day, self._step((day - today).days, GRACE)))
        for key, (end, notice) in self.contracts.items():
            while end - timedelta(days=notice) < today:
                end = _next_year(end)
            day = end - timedelta(days=notice)
            found.add(("contract_notice", key, day, self._step((day - today).days, 0)))
        return {one for one in found if one[3] is not None and not self._told_before(*one)}

    def _step(self, left: int, grace: int) -> Any:
        """The most urgent step that has come, or None."""
        steps: list[int] = self.plan["steps"]
        if left < 0:
            return 0 if 0 in steps and left >= -grace else None
        return min((step for step in steps if left <= step), default=None)

    def _told_before(self, topic: str, key: int, day: date, step: int) -> bool:
        return any(one[:3] == (topic, key, day) and one[3] <= step for one in self.told)

    @invariant()
    def each_once(self) -> None:
        assert len(set(getattr(self, "told", []))) == len(getattr(self, "told", []))


def _next_year(end: date) -> date:
    """The last day of a term of one more year that began the day after."""
    return (end + timedelta(days=1)).replace(year=(end + timedelta(days=1)).year + 1) - timedelta(days=1)


@pytest.mark.slow
def test_notices_keep_to_the_model(house: House, tmp_path: Path) -> None:
    world = Calendar(house)
    house.customer("here", time_zone=ZONE.key)
    world.plan("here")
    house.close()
    Notices.template, Notices.products = tmp_path / "assetcare.db", (world.product, world.software)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Notices, settings=settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=checks)
    )
