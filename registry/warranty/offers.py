"""What one warranty offers in a case, remedy by remedy, and why it withholds the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.kernel.language import _

from .causes import CAUSES
from .coverage import CoverageSpan, covered_until
from .facts import WarrantyFacts
from .grounds import Case, refusals, warranty_state
from .notes import Note, in_a_row, note
from .terms import Coverage
from .vocabulary import REMEDIES

REQUIREMENT_TESTS = {"failed_repair": ("repair", "replacement"), "failed_replacement": ("replacement",)}
"""After which work a failed test meets the requirement: a replaced unit that fails has had its repair too."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy that is owed (`free`) or can be had (`quote`). `position` and `climbed` only order offers:
    a remedy whose requirement has been met stands before those that were tried already."""

    remedy: str
    charge: str
    reason: str
    warranty: int | None = None
    until: date | None = None
    condition: str | None = None
    chosen_by: str | None = None
    position: int = 0
    climbed: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "remedy": self.remedy,
            "title": _(REMEDIES[self.remedy].title),
            "warranty": self.warranty,
            "until": self.until.isoformat() if self.until else None,
            "charge": self.charge,
            "condition": self.condition,
            "chosen_by": self.chosen_by,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Promise:
    """A coverage of the terms with its live spans in this case."""

    warranty: WarrantyFacts
    case: Case
    coverage: Coverage
    position: int
    spans: Sequence[CoverageSpan]

    @property
    def words(self) -> dict[str, Any]:
        return {"terms": self.warranty.label, "remedy": _(REMEDIES[self.coverage.remedy].title)}

    @property
    def until(self) -> date | None:
        return covered_until(self.spans, self.case.on)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one warranty says: refusals of the whole, or offers and why other remedies are withheld."""

    warranty: WarrantyFacts
    state: str
    refusals: list[Note]
    offers: list[Offer] = field(default_factory=list)
    withheld: dict[str, Note] = field(default_factory=dict)
    superseded: frozenset[str] = frozenset()

    @property
    def covers(self) -> bool:
        return bool(self.offers)

    @property
    def reason(self) -> Note:
        return self.refusals[0] if self.refusals else self._covered

    @property
    def _covered(self) -> Note:
        until = max(offer.until for offer in self.offers if offer.until is not None)
        return note("covered", terms=self.warranty.label, until=until)

    @property
    def reasons(self) -> list[Note]:
        return [*(self.refusals or [self._covered]), *self.withheld.values()]

    def why_not(self, remedy: str) -> Note:
        """Why this warranty does not owe a remedy."""
        return self.withheld.get(remedy) or self.reason


def _outside_term(promise: Promise) -> Note | None:
    if any(span.covers(promise.case.on) for span in promise.spans):
        return None
    starts = [span.starts_on for span in promise.spans if span.starts_on > promise.case.on]
    if starts:
        return note("remedy_not_started", on=min(starts), **promise.words)
    return note("remedy_ended", until=promise.until, **promise.words)


def _requirement(promise: Promise) -> Note | None:
    needed = promise.coverage.requires
    if needed is None:
        return None
    after = REQUIREMENT_TESTS[needed]
    facts = promise.case.facts
    if facts.failed(*after):
        return None
    tested = any(test.after in after for test in facts.tests)
    return note("test_passed" if tested else f"needs_{needed}", **promise.words)


def _chooser(promise: Promise) -> Note | None:
    if promise.coverage.chosen_by == "customer" and promise.case.facts.chosen_by == "staff":
        return note("customer_choice_only", **promise.words)
    return None


WITHHOLDING: tuple[Callable[[Promise], Note | None], ...] = (_outside_term, _requirement, _chooser)


def _promises(warranty: WarrantyFacts, case: Case) -> list[Promise]:
    live = warranty.live_spans
    places = {span.remedy: span.position for span in reversed(warranty.spans)}
    return [
        Promise(
            warranty,
            case,
            coverage,
            places[coverage.remedy],
            [span for span in live if span.remedy == coverage.remedy],
        )
        for coverage in warranty.body.coverages
        if coverage.remedy in places and case.asks_for(coverage.remedy)
    ]


def _condition(promise: Promise) -> str | None:
    case, body = promise.case, promise.warranty.body
    notes = []
    if promise.coverage.requires is not None:
        failed = case.facts.failed(*REQUIREMENT_TESTS[promise.coverage.requires])
        notes.append(note("if_failed", readings=_("; ").join(map(str, failed))))
    if case.cause is not None and CAUSES[case.cause].kind == "undetermined":
        notes.append(note("if_covered"))
    if body.functions_only and case.facts.request == "malfunction" and case.facts.function is None:
        notes.append(note("if_agreed"))
    return in_a_row(notes) or None


def _offer(promise: Promise) -> Offer:
    coverage = promise.coverage
    owed = "owed.rate" if coverage.per_year else "owed"
    return Offer(
        remedy=coverage.remedy,
        charge=coverage.charge,
        reason=note(owed, until=promise.until, rate=coverage.per_year, **promise.words).text,
        warranty=promise.warranty.id,
        until=promise.until,
        condition=_condition(promise),
        chosen_by=coverage.chosen_by,
        position=promise.position,
        climbed=coverage.requires is not None,
    )


def _supersede(owed: list[Promise]) -> tuple[list[Promise], dict[str, Note]]:
    instead = {
        remedy: _(REMEDIES[promise.coverage.remedy].title) for promise in owed for remedy in promise.coverage.supersedes
    }
    kept = [promise for promise in owed if promise.coverage.remedy not in instead]
    dropped = [promise for promise in owed if promise.coverage.remedy in instead]
    return kept, {
        item.coverage.remedy: note("superseded", instead=instead[item.coverage.remedy], **item.words)
        for item in dropped
    }


def find(warranty: WarrantyFacts, case: Case) -> Finding:
    """What this warranty owes in this case."""
    against = refusals(warranty, case)
    found = warranty_state(warranty, case.on)
    if against:
        return Finding(warranty, found, against)
    owed: list[Promise] = []
    withheld: dict[str, Note] = {}
    for promise in _promises(warranty, case):
        why = next((why for rule in WITHHOLDING if (why := rule(promise)) is not None), None)
        if why is None:
            owed.append(promise)
        else:
            withheld[promise.coverage.remedy] = why
    owed, superseded = _supersede(owed)
    withheld |= superseded
    if not owed:
        nothing = note("no_remedy", terms=warranty.label, on=case.on)
        return Finding(warranty, found, [nothing], withheld=withheld)
    return Finding(warranty, found, [], [_offer(item) for item in owed], withheld, frozenset(superseded))
