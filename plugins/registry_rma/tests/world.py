"""A desk to try cases at: units under terms, people, and the ladder a rung at a time."""

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from registry.kernel import clock, db
from registry.products.service import create_product
from registry.testing import Installation, People
from registry.warranty.service import start_warranty
from registry.warranty.terms_service import create_terms
from registry_rma import cases, moving, quotes, trials
from registry_rma.models import Line
from registry_rma.prices import set_price

POWER = {"name": "Tx power", "unit": "dBm", "min": -8.2, "max": 0.5}
WARM = {"name": "Temperature", "unit": "C", "min": 0, "max": 70}
GOOD, BAD = "-3.0", "-9.0"
FREE = {"remedy": "repair", "charge": False, "charge_reason": "Owed in the term."}

_KEPT: dict[str, tuple[sqlite3.Connection, int, int]] = {}


class Desk:
    """`engineer`, `lead` and `manager` are actors; line() opens a case, step() moves it, each with the latest
    version."""

    def __init__(self, installation: Installation, people: People) -> None:
        self.installation, self.people = installation, people
        self.system = installation.system
        self.engineer, self.manager = people.engineer.actor, people.manager.actor
        self.lead, self.reader, self.stranger = people.admin.actor, people.reader.actor, people.stranger.actor
        self.today = clock.today()
        self._made = 0
        self.begun: int | None = None  # changes that the database had seen when it was handed over; None: not copied
        self.answers: dict[int, Any] = {}  # line -> a quote that waits for its answer

    def unit(
        self, terms: str | None = "hardware", *, delivered: date | None = None, slug: str = "acme", **more: Any
    ) -> Any:
        """A unit delivered half a year ago, under the terms, whose product specifies its power."""
        self._made += 1
        parameters = more.pop("parameters", [POWER])
        product = {
            "name": f"P{self._made}",
            "kind": "hardware",
            "part_number": f"PN{self._made}",
            "parameters": parameters,
        }
        made = create_product(self.system, product, None)
        day = delivered or self.today - timedelta(days=180)
        values = {
            "customer": slug,
            "product": made.id,
            "serial": f"SN-{self._made}",
            "delivered_on": day,
            "status": "in_use",
            **more,
        }
        from registry.assets.service import register_asset

        asset = register_asset(self.system, values)
        if terms:
            start_warranty(self.system, {"asset": asset.id, "terms": terms})
        return asset

    def also(self, asset: Any, terms: str) -> None:
        start_warranty(self.system, {"asset": asset.id, "terms": terms, "starts_on": self.today - timedelta(days=30)})

    def terms(self, code: str, **changes: Any) -> str:
        """The hardware terms, changed."""
        from registry.warranty.templates import HARDWARE
        from registry.warranty.terms import TermsBody

        create_terms(self.system, {"code": code, "name": code, "body": TermsBody.from_dict({**HARDWARE, **changes})})
        return code

    def line(self, asset: Any = None, who: Any = None, *, send: bool = True, **claim: Any) -> Line:
        asset = asset or self.unit()
        given = {"asset": asset.id, "fault": "Does not start", **claim}
        about: dict[str, Any] = {
            name: given.pop(name) for name in ("channel", "notified_at", "contact", "note") if name in given
        }
        case = cases.open_case(who or self.manager, {"lines": [given], "send": send, **about})
        [line] = cases.lines_of(self.system, case)
        return line

    def fresh(self, line: Line) -> Line:
        return cases.get_line(self.system, line.id)

    def step(self, line: Line, *states: str, who: Any = None, **facts: Any) -> Line:
        for state in states:
            line = moving.move(who or self.engineer, line.id, state, facts, version=self.fresh(line).version)
        return self.fresh(line)

    def approved(self, asset: Any = None, **claim: Any) -> Line:
        line = self.step(self.line(asset, **claim), "triage")
        return self.step(line, "approved", **FREE)

    def received(self, asset: Any = None, **claim: Any) -> Line:
        if asset is None and not claim:
            return self._first("received", lambda: self.step(self.approved(), "awaiting_receipt", "received"))
        return self.step(self.approved(asset, **claim), "awaiting_receipt", "received")

    def inspecting(self, asset: Any = None, **claim: Any) -> Line:
        if asset is None and not claim:
            return self._first("inspecting", lambda: self.step(self.received(), "inspecting"))
        return self.step(self.received(asset, **claim), "inspecting")

    def _first(self, name: str, make: Callable[[], Line]) -> Line:
        """What `make` makes. Where nothing was written to this installation before, it is made once in a process and
        copied from then on, with the database."""
        connection = db.database.connection()
        if self.begun is None or self.begun != connection.total_changes or clock.today() != self.today:
            return make()
        if name not in _KEPT:
            line, kept = make(), sqlite3.connect(":memory:", check_same_thread=False)
            connection.backup(kept)
            _KEPT[name] = (kept, line.id, self._made)
            return line
        kept, line_id, self._made = _KEPT[name]
        kept.backup(connection)
        self.begun = None
        return cases.get_line(self.system, line_id)

    def test(self, line: Line, value: str, parameter: str = "Tx power") -> Any:
        readings = [{"parameter": parameter, "value": value, "unit": "dBm"}]
        return trials.record_test(self.engineer, line.id, {"readings": readings}, self.fresh(line).version)

    def repaired(self, asset: Any = None, value: str = GOOD, **claim: Any) -> Line:
        """Repaired and tested with this value: passed or failed."""
        if asset is None and not claim:
            return self._first(f"repaired {value}", lambda: self._repaired(value))
        return self._repaired(value, asset, **claim)

    def _repaired(self, value: str, asset: Any = None, **claim: Any) -> Line:
        line = self.step(self.inspecting(asset, **claim), "repairing")
        line = self.step(line, "verifying", action="Changed the laser", parts="1 laser")
        self.test(line, value)
        return self.step(line, "passed" if value == GOOD else "failed")

    def replaced(self, line: Line, serial: str = "NEW-1", value: str = GOOD) -> Line:
        line = self.step(self.step(line, "replacing"), "verifying", serial=serial)
        self.test(line, value)
        return self.step(line, "passed" if value == GOOD else "failed")

    def sent_back(self, line: Line) -> Line:
        if line.state != "ready":
            line = self.step(line, "ready")
        line = self.step(line, "shipped", carrier="By hand", tracking="1")
        return self.step(line, "delivered", receiver="Ann")

    def record(self, line: Line, **more: Any) -> Any:
        return trials.write_record(self.engineer, line.id, {"action": "Changed the laser", **more})

    def closed(self, line: Line) -> Line:
        line = self.sent_back(line)
        self.record(line)
        return self.step(line, "closed")

    def price(self, code: str = "REP", amount: int = 15_000, currency: str = "USD") -> None:
        set_price(self.lead, {"code": code, "title": "Repair", "amount_minor": amount, "currency": currency})

    def quoted(self, line: Line, **more: Any) -> Any:
        return quotes.offer(self.engineer, line.id, {"items": [{"code": "REP"}], **more})

    def twenty_jobs(self) -> None:
        self._first("twenty", self._twenty)

    def _twenty(self) -> Line:
        """Two units: A fails 12 times, every 10 days; B fails 8 times, every 5 days. Each third job of A found no
        fault."""
        a, b = self.unit(serial="A-100"), self.unit(serial="B-200")
        plan = [(a, number, 10, "wear", "Ann") for number in range(12)]
        plan += [(b, number, 5, "module", "Bob") for number in range(8)]
        for asset, number, gap, cause, staff in plan:
            line = self.line(asset, cause=cause, fault=f"Fault {asset.serial}")
            no_fault = asset is a and number % 3 == 2
            Line.update(
                notified_on=date(2026, 1, 1) + timedelta(days=gap * number), staff=staff, no_fault=no_fault,
                state="closed", ended=True, work="" if no_fault else "repair", repair_days=number,
            ).where(Line.id == line.id).execute()  # fmt: skip
        return line
