"""Why a warranty owes nothing: one small rule each; the first one that holds is its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from registry.kernel.language import _

from .causes import CAUSE_CLASSES, CAUSES
from .coverage import close, covered_until, state
from .facts import Facts, WarrantyFacts
from .notes import Note, note
from .vocabulary import REMEDIES, REQUESTS


@dataclass(frozen=True, slots=True)
class Case:
    """The question: what is owed on this day, for this cause (None: in principle), given these facts."""

    on: date
    cause: str | None
    facts: Facts

    @property
    def in_principle(self) -> bool:
        return self.cause is None and self.facts.request == "malfunction"

    def asks_for(self, remedy: str) -> bool:
        """Whether the remedy is an answer to the request; in principle every remedy is listed."""
        return self.in_principle or self.facts.request in REMEDIES[remedy].answers

    @property
    def unit_sound(self) -> bool:
        """The reading is within its limits and no test has failed since."""
        reading = self.facts.reading
        return (
            self.facts.request == "malfunction"
            and reading is not None
            and not reading.outside
            and not any(test.outside for test in self.facts.tests)
        )

    @property
    def nothing_failed(self) -> bool:
        """A sound unit is owed nothing, except for a cause that does not need the unit to fail."""
        return self.unit_sound and (self.cause is None or CAUSES[self.cause].needs_failure)


Rule = Callable[[WarrantyFacts, Case], Note | None]


def warranty_state(warranty: WarrantyFacts, on: date) -> str:
    """The state of one warranty; one that was moved away before it started has expired."""
    spans = list(warranty.spans)
    if warranty.closed_on is not None:
        spans = close(spans, warranty.closed_on)
    found = state(spans, on, warranty.void_on)
    return "expired" if found == "none" and warranty.spans else found


def _excluded(warranty: WarrantyFacts, case: Case) -> Note | None:
    if case.cause is None or not warranty.body.excludes(case.cause):
        return None
    return note("excluded", terms=warranty.label, cause=_(CAUSES[case.cause].title))


def _void(warranty: WarrantyFacts, case: Case) -> Note | None:
    if warranty.void_on is None or case.on < warranty.void_on:
        return None
    code = "void.why" if warranty.void_reason else "void"
    return note(code, terms=warranty.label, on=warranty.void_on, why=warranty.void_reason)


def _transferred(warranty: WarrantyFacts, case: Case) -> Note | None:
    if warranty.closed_on is None or case.on < warranty.closed_on:
        return None
    return note("transferred", terms=warranty.label, on=warranty.closed_on)


def _no_start(warranty: WarrantyFacts, case: Case) -> Note | None:
    if warranty.spans:
        return None
    if warranty.start_missing:
        return note("start_missing", terms=warranty.label, why=warranty.start_missing)
    return note("none", terms=warranty.label)


def _out_of_term(warranty: WarrantyFacts, case: Case) -> Note | None:
    spans = warranty.live_spans or list(warranty.spans)
    if not spans or any(span.covers(case.on) for span in spans):
        return None
    starts = [span.starts_on for span in spans if span.starts_on > case.on]
    if starts:
        return note("not_started", terms=warranty.label, on=min(starts))
    return note("expired", terms=warranty.label, until=covered_until(spans, case.on))


def _within_specification(warranty: WarrantyFacts, case: Case) -> Note | None:
    return note("within_specification", reading=case.facts.reading) if case.nothing_failed else None


def _operating(warranty: WarrantyFacts, case: Case) -> Note | None:
    outside = [str(reading) for reading in case.facts.operating if reading.outside]
    if not outside or case.facts.request != "malfunction" or warranty.body.covers("user"):
        return None
    return note("operating_conditions", terms=warranty.label, readings=_("; ").join(outside))


def _cause(warranty: WarrantyFacts, case: Case) -> Note | None:
    """A cause that is not established yet refuses nothing; it is flagged."""
    if case.cause is None or case.facts.request != "malfunction":
        return None
    cause = CAUSES[case.cause]
    body = warranty.body
    if cause.kind == "undetermined" or body.covers(cause.code) or body.excludes(cause.code):
        return None
    kind = _(CAUSE_CLASSES[cause.kind]).lower()
    return note("cause_not_covered", terms=warranty.label, cause=_(cause.title), kind=kind)


def _scope(warranty: WarrantyFacts, case: Case) -> Note | None:
    wanted = case.facts.function
    if not warranty.body.functions_only or wanted is None:
        return None
    agreed = [item.agreed_on for item in warranty.functions if same_name(item.name, wanted)]
    if any(agreed_on <= case.on for agreed_on in agreed):
        return None
    if agreed:
        return note("out_of_scope.later", terms=warranty.label, function=wanted, on=min(agreed))
    return note("out_of_scope", terms=warranty.label, function=wanted)


def _request(warranty: WarrantyFacts, case: Case) -> Note | None:
    request = case.facts.request
    if request == "malfunction" or request in warranty.body.free_requests:
        return None
    return note("request_not_free", terms=warranty.label, request=_(REQUESTS[request]))


def same_name(one: str, other: str) -> bool:
    """Whether two names or units mean the same: °C is C."""
    return _plain_name(one) == _plain_name(other)


def _plain_name(text: str) -> str:
    return " ".join(text.casefold().replace("°", "").split())


RULES: tuple[Rule, ...] = (
    _excluded,
    _void,
    _transferred,
    _no_start,
    _out_of_term,
    _within_specification,
    _operating,
    _cause,
    _scope,
    _request,
)


def refusals(warranty: WarrantyFacts, case: Case) -> list[Note]:
    """All grounds on which this warranty owes nothing in this case; empty when it covers."""
    return [found for rule in RULES if (found := rule(warranty, case)) is not None]
