"""Two customers with units, warranties and contracts of all fates; what lists say of them against their own pages."""

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from registry.assets.listing import ASSETS
from registry.assets.service import change_asset, get_asset, register_asset, remove_asset
from registry.contracts import lines, service
from registry.contracts.models import Contract, ContractLine
from registry.customers.places import create_site
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import visible
from registry.kernel.errors import Conflict, Invalid
from registry.licences.listing import LICENCES
from registry.licences.models import Licence
from registry.licences.service import create_licence
from registry.warranty.claims import case_on
from registry.warranty.coverage import CoverageSpan
from registry.warranty.covered import COVERED
from registry.warranty.decision import Decision, decide
from registry.warranty.endings import ends_by_month, ends_by_remedy, month_after
from registry.warranty.models import Coverage
from registry.warranty.service import start_warranty, void_warranty
from registry.warranty.summary import cover_counts
from registry.warranty.terms import TermsBody
from registry.warranty.terms_service import create_terms
from tests.houses import House

ZONES = {"acme": "Pacific/Kiritimati", "globex": "Pacific/Pago_Pago"}
START = date(2025, 3, 1)
TERMS = ("care", "long", "on-site-support", "hardware")
FAR = timedelta(days=10)


class Judged(NamedTuple):
    """A unit, what its page says of it today, and all that it is promised."""

    unit: Any
    decision: Decision
    spans: list[CoverageSpan]


class World:
    """Two customers on two different days, with units inside of others, licences, warranties and contracts."""

    def __init__(self, house: House, seed: int, units: int) -> None:
        self.house, self.system, self.dice = house, house.system, random.Random(seed)
        for code, period in (("care", "P100D"), ("long", "P2Y")):
            coverages = [{"remedy": "repair", "period": period}, {"remedy": "support", "period": "P30D"}]
            body = {"start_basis": "given", "coverages": coverages, "covers_causes": ["wear"]}
            create_terms(self.system, {"code": code, "name": code, "body": TermsBody.from_dict(body)})
        for product, kind in (("Switch", "hardware"), ("Router", "hardware"), ("LR", "optic"), ("Editor", "software")):
            house.product(product, kind)
        self.numbers = iter(range(10**6))
        self.slugs: dict[int, str] = {}  # customer's id -> short name
        for slug, zone in ZONES.items():
            house.customer(slug, time_zone=zone)
            self.slugs[customer_by(self.system, slug).id] = slug
            for site in ("HQ", "Lab"):
                create_site(self.system, {"customer": slug, "name": site})
        self.assets: list[Any] = []
        for _ in range(units):
            self.register()
        for slug in ZONES:
            for number in range(3):
                values = {"customer": slug, "product": "Editor", "name": f"L{number}", "metric": "device"}
                create_licence(self.system, values)

    def day(self, spread: int = 200) -> date:
        return START + timedelta(days=self.dice.randint(-spread, spread))

    def of(self, slug: str) -> list[Any]:
        return [asset for asset in self.assets if self.slugs[asset.customer_id] == slug]

    def licences(self) -> list[Any]:
        return list(visible(Licence, self.system))

    # --- What happens ---

    def place(self, slug: str, parent_only: bool = False) -> dict[str, Any]:
        above = [one.id for one in self.of(slug) if one.kind == "hardware"]
        if above and (parent_only or self.dice.random() < 0.3):
            return {"parent": self.dice.choice(above), "slot": f"s{next(self.numbers)}", "site": None}
        return {"parent": None, "slot": None, "site": self.dice.choice((None, "HQ", "Lab"))}

    def register(self) -> None:
        slug, product = self.dice.choice(list(ZONES)), self.dice.choice(("Switch", "Router", "LR"))
        values = {"customer": slug, "product": product, "serial": f"SN{next(self.numbers)}", **self.place(slug)}
        self.assets.append(register_asset(self.system, values))

    def move(self) -> None:
        asset = self.dice.choice(self.assets)
        slug = self.slugs[asset.customer_id]
        values = self.place(slug)
        if values["parent"] is None or asset.kind == "optic":  # no rings
            change_asset(self.system, asset.id, values, 0)

    def swap(self) -> None:
        asset = self.dice.choice(self.assets)
        if asset.kind == "hardware":
            change_asset(self.system, asset.id, {"product": self.dice.choice(("Switch", "Router"))}, 0)

    def remove(self) -> None:
        asset = self.dice.choice(self.assets)
        values = {"customer": "acme", "product": "Switch", "serial": f"SN{next(self.numbers)}"}
        remove_asset(self.system, register_asset(self.system, values).id)
        assert asset

    def warrant(self) -> None:
        unit = self.dice.choice([*self.assets, *self.licences()])
        given = {"licence" if isinstance(unit, Licence) else "asset": unit.id}
        made = start_warranty(self.system, {**given, "terms": self.dice.choice(TERMS), "starts_on": self.day(400)})
        if self.dice.random() < 0.3:
            void_warranty(self.system, made.id, on=self.day(), reason="r", version=0)

    def contract(self) -> None:
        starts, renewal = self.day(300), self.dice.choice(("none", "tacit", "by_notice", "open"))
        values: dict[str, Any] = {
            "customer": self.dice.choice(list(ZONES)), "number": f"C-{next(self.numbers)}", "title": "Care",
            "starts_on": starts,
        }  # fmt: skip
        if renewal != "open":
            values |= {"ends_on": starts + timedelta(days=self.dice.choice((30, 89, 90, 91, 300))), "renewal": renewal}
        if renewal == "tacit":
            values |= {"renewal_period": self.dice.choice(("P30D", "P1Y")), "notice_days": 10}
        made = service.create_contract(self.system, values)
        for _ in range(self.dice.randint(1, 3)):
            self.line(made)

    def line(self, contract: Any) -> None:
        slug = self.slugs[contract.customer_id]
        mine = [one for one in self.licences() if one.customer_id == contract.customer_id]
        covers: list[dict[str, Any]] = [
            {"everything": True}, {"product": self.dice.choice(("Switch", "LR", "Editor"))},
            {"site": self.dice.choice(("HQ", "Lab"))}, {"licence": self.dice.choice(mine).id},
        ]  # fmt: skip
        if self.of(slug):
            covers += [{"asset": self.dice.choice(self.of(slug)).id}] * 2
        values = {**self.dice.choice(covers), "terms": self.dice.choice((None, *TERMS))}
        if self.dice.random() < 0.4:
            starts = self.day(100)
            values |= {"starts_on": starts, "ends_on": starts + timedelta(days=self.dice.randint(0, 200))}
        with suppress(Conflict):  # an open line names the same
            lines.add_line(self.system, contract.id, values)

    def change_contract(self) -> None:
        contract = self.any(Contract)
        if contract is None:
            return
        notice, renewable = {"notice_on": self.day()}, contract.terminated_on is None and contract.renewal == "tacit"
        last = {"terminated_on": max(contract.starts_on, self.day())}
        with suppress(Invalid, Conflict):
            if renewable and self.dice.random() < 0.4:
                service.renew_contract(self.system, contract.id, {"period": "P90D"}, 0)
            elif self.dice.random() < 0.5:
                service.terminate_contract(self.system, contract.id, self.dice.choice((notice, last)), 0)
            else:
                service.change_contract(self.system, contract.id, {"starts_on": self.day()}, 0)

    def change_line(self) -> None:
        line = self.any(ContractLine)
        if line is None:
            return
        if self.dice.random() < 0.4:
            lines.remove_line(self.system, line.contract_id, line.id, 0)
        else:
            ends = {"ends_on": self.day() if line.starts_on is None else line.starts_on + FAR}
            lines.change_line(self.system, line.contract_id, line.id, ends, 0)

    def any(self, model: Any) -> Any:
        found = list(visible(model, self.system).order_by(model.id))
        return self.dice.choice(found) if found else None

    def happen(self, times: int) -> None:
        verbs = (self.register, self.move, self.move, self.swap, self.remove, self.warrant, self.contract,
                 self.change_contract, self.change_line)  # fmt: skip
        for _ in range(times):
            self.dice.choice(verbs)()

    # --- What is said ---

    def check(self) -> set[str]:
        """Everything that lists say against one decision after the other; answers the states that there are."""
        units = [self._judged(get_asset(self.system, one.id)) for one in self.assets]
        licences = [self._judged(one) for one in self.licences()]
        seen = self._listed(ASSETS, units) | self._listed(LICENCES, licences)
        for customer_id in self.slugs:
            mine = [one for one in units if one.unit.customer_id == customer_id]
            counted = Counter((one.unit.kind, one.decision.state) for one in mine)
            told = cover_counts(self.system, customer_id)
            told.pop("licence")
            assert {(kind, state): n for kind, states in told.items() for state, n in states.items() if n} == counted
            self._endings(customer_id, mine)
        return seen

    def _judged(self, unit: Any) -> "Judged":
        case = case_on(self.system, unit, today := clock.today(ZONES[self.slugs[unit.customer_id]]))
        spans = [span for facts in case.warranties for span in facts.live_spans]
        return Judged(unit, decide(case, today), spans)

    def _listed(self, listing: Any, units: list["Judged"]) -> set[str]:
        decided = {one.unit.id: one.decision for one in units}
        last = {one.unit.id: max((span.ends_on for span in one.spans), default=None) for one in units}

        def ids(**query: Any) -> list[int]:
            return sorted(item["id"] for item in listing.page(self.system, {**query, "limit": 500})["items"])

        for state in COVERED:
            assert ids(covered=state) == sorted(key for key, found in decided.items() if found.state == state), state
        ends = {key: one.until for key, one in decided.items() if one.state in ("active", "expiring") and one.until}
        for days in (-1, 0, 1, 30, 90, 91, 400):
            before = clock.now().date() + timedelta(days=days)
            assert ids(expires_before=before) == sorted(key for key, until in ends.items() if until < before), before
        for item in listing.page(self.system, {"limit": 500})["items"]:
            until = last[item["id"]]
            assert item["covered_until"] == (until and until.isoformat()), (item["id"], decided[item["id"]])
        return {found.state for found in decided.values()}

    def _endings(self, customer_id: int, units: list["Judged"]) -> None:
        first, months = date(2025, 1, 1), 20
        found: set[tuple[str, str, int]] = set()
        for one in units:
            held: dict[str, set[date]] = {}
            for span in one.spans:
                days = (span.ends_on - span.starts_on).days + 1
                held.setdefault(span.remedy, set()).update(span.starts_on + timedelta(days=n) for n in range(days))
            found |= {
                (f"{day:%Y-%m}", remedy, one.unit.id) for remedy, days_held in held.items() for day in days_held
                if day + timedelta(days=1) not in days_held and first <= day < month_after(first, months)
            }  # fmt: skip
        told = ends_by_remedy(self.system, customer_id, Coverage.asset, first, months)
        counted = {(month, remedy): n for month, by in told.items() for remedy, n in by.items()}
        assert counted == Counter((month, remedy) for month, remedy, _unit in found)
        by_month = Counter(month for month, _unit in {(month, unit) for month, _remedy, unit in found})
        assert ends_by_month(self.system, customer_id, Coverage.asset, first, months) == by_month
        for month, remedy in list(counted)[:4]:
            asked = ASSETS.arguments().load({"ends_in": f"{month}:{remedy}", "limit": "500"})
            listed = {item["id"] for item in ASSETS.page(self.system, {**asked, "customer": customer_id})["items"]}
            assert listed == {unit for when, what, unit in found if (when, what) == (month, remedy)}


def noon(day: date) -> Any:
    return clock.frozen(datetime(day.year, day.month, day.day, 10, 30, tzinfo=UTC))
