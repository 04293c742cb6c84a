"""Whatever is done to warranties in whatever order: rows, summary and the pure core tell the same."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.assets.service import change_asset, get_asset
from registry.kernel.access import Actor
from registry.kernel.errors import Problem
from registry.warranty import coverage as core
from registry.warranty.claims import warranty_facts
from registry.warranty.models import WarrantyChange
from registry.warranty.periods import Period
from registry.warranty.service import extend_warranty, start_warranty, transfer_warranty, void_warranty
from registry.warranty.terms import TEMPLATES, TermsBody
from registry.warranty.terms_service import create_terms
from tests.houses import House
from tests.warranty.world import check_rows

DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))
UNITS = 3
TERMS = ("optical-module", "hardware", "renewing", "at-least")
RULES: dict[str, dict[str, Any]] = {"renewing": {"rule": "full_new"}, "at-least": {"rule": "max_remaining", "days": 90}}
UNIT = st.integers(0, UNITS - 1)
WHICH = st.integers(0, 9)
ACTS = st.one_of(
    st.tuples(st.just("start"), UNIT, st.sampled_from(TERMS), st.none() | DAYS),
    st.tuples(
        st.just("extend"), WHICH, DAYS | st.sampled_from(["P1D", "P1M", "P1Y6M"]).map(Period.parse), st.booleans()
    ),
    st.tuples(st.just("void"), WHICH, DAYS),
    st.tuples(st.just("transfer"), WHICH, UNIT, DAYS),
    st.tuples(st.just("deliver"), UNIT, st.none() | DAYS),
)
serials = itertools.count()


class Model:
    """The same acts on plain spans, by the pure core alone."""

    def __init__(self, house: House, product: int) -> None:
        self.house, self.system = house, Actor.system()
        self.units = [house.asset("acme", f"S{next(serials)}", product=product).id for _ in range(UNITS)]
        self.delivered: dict[int, date | None] = dict.fromkeys(self.units)
        self.held: dict[int, dict[str, Any]] = {}  # warranty id -> unit, body, spans, live, open, given, touched

    def warranty(self, which: int) -> int | None:
        ids = list(self.held)
        return ids[which % len(ids)] if ids else None

    def start(self, unit: int, terms: str, starts: date | None) -> None:
        key = self.units[unit]
        made = start_warranty(self.system, {"asset": key, "terms": terms, "starts_on": starts})
        body = bodies()[terms]
        first = starts or self.delivered[key]
        spans = core.materialise(first, body) if first else []
        self._keep(made.id, key, body, spans, given=starts is not None)

    def _keep(self, made: int, key: int, body: TermsBody, spans: Any, *, given: bool) -> None:
        self.held[made] = {"unit": key, "body": body, "spans": spans, "live": spans, "open": True, "given": given,
                           "touched": False}  # fmt: skip

    def extend(self, which: int, by: Any, some: bool) -> None:
        key = self.warranty(which)
        if key is None:
            return
        mine = self.held[key]
        remedies = [mine["spans"][0].remedy] if some and mine["spans"] else None
        wanted = core.extend(mine["spans"], by, remedies) if mine["open"] and mine["spans"] else mine["spans"]
        run = lambda: extend_warranty(self.system, key, by=by, remedies=remedies, reason="r", version=0)  # noqa: E731
        if wanted == mine["spans"]:
            refused(run)
        else:
            run()
            mine.update(spans=wanted, live=wanted, touched=True)

    def void(self, which: int, on: date) -> None:
        key = self.warranty(which)
        if key is None:
            return
        mine = self.held[key]
        run = lambda: void_warranty(self.system, key, on=on, reason="r", version=0)  # noqa: E731
        if not mine["open"]:
            refused(run)
        else:
            run()
            mine.update(open=False, live=core.close(mine["spans"], on), touched=True)

    def transfer(self, which: int, unit: int, on: date) -> None:
        key = self.warranty(which)
        if key is None:
            return
        mine, target = self.held[key], self.units[unit]
        rule = mine["body"].replacement
        moved = core.transfer(mine["spans"], on, rule.rule, rule.days, mine["body"])
        run = lambda: transfer_warranty(self.system, key, asset=target, on=on, reason="", version=0)  # noqa: E731
        if not (mine["open"] and mine["spans"] and moved) or target == mine["unit"]:
            refused(run)
            return
        made = run()
        assert made.origin_id == key
        mine.update(open=False, live=core.close(mine["spans"], on), touched=True)
        self._keep(made.id, target, mine["body"], moved, given=True)

    def deliver(self, unit: int, on: date | None) -> None:
        key = self.units[unit]
        change_asset(self.system, key, {"delivered_on": on}, 0)
        self.delivered[key] = on
        for mine in self.held.values():
            if mine["unit"] == key and not mine["given"] and not mine["touched"]:
                mine["spans"] = mine["live"] = core.materialise(on, mine["body"]) if on else []

    def check(self) -> None:
        for key in self.units:
            asset = get_asset(self.system, key)
            check_rows(self.house, asset)
            stored = {facts.id: (list(facts.spans), facts.live_spans) for facts in warranty_facts(self.system, asset)}
            wanted = {k: (mine["spans"], mine["live"]) for k, mine in self.held.items() if mine["unit"] == key}
            assert stored == wanted


def refused(run: Any) -> None:
    with pytest.raises(Problem):
        run()


def bodies() -> dict[str, TermsBody]:
    found = {code: body for code, (_, body) in TEMPLATES.items()}
    for code, rule in RULES.items():
        found[code] = TermsBody.from_dict({**TEMPLATES["hardware"][1].as_dict(), "replacement": rule})
    return found


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def test_acts_keep_everything_consistent(prepared: tuple[House, int], acts: list[tuple[Any, ...]]) -> None:
    model = Model(*prepared)
    for name, *values in acts:
        getattr(model, name)(*values)
        model.check()
    changes = {key: 0 for key in model.held}
    for row in WarrantyChange.raw("SELECT warranty_id, kind FROM warranty_change WHERE kind <> 'redated'"):
        if row.warranty_id in changes:
            changes[row.warranty_id] += 1
    assert all((changes[key] > 0) is mine["touched"] for key, mine in model.held.items())


@given(on=DAYS, rule=st.sampled_from(["remaining", "max_remaining"]), days=st.integers(1, 400))
def test_a_transfer_never_lengthens_beyond_the_terms(on: date, rule: str, days: int) -> None:
    body = bodies()["hardware"]
    old = core.materialise(date(2024, 2, 29), body)
    limit = on + timedelta(days=days - 1) if rule == "max_remaining" else date.min
    for span in core.transfer(old, on, rule, days, body):
        before = next(one for one in old if one.remedy == span.remedy)
        assert span.starts_on >= on and span.ends_on <= max(before.ends_on, limit)


@pytest.fixture
def prepared(house: House) -> tuple[House, int]:
    house.customer("acme")
    for code in RULES:
        create_terms(house.system, {"code": code, "name": code, "body": bodies()[code]})
    return house, house.product("Switch").id
