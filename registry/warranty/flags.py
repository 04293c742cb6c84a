"""Flags of a decision: what a person should look at; a flag never refuses anything."""

from collections.abc import Callable, Sequence

from registry.kernel.language import _

from .causes import CAUSES
from .facts import Facts
from .grounds import Case
from .notes import Note, days, note, unique
from .offers import Finding, Offer
from .vocabulary import EVIDENCE


def _late_notice(finding: Finding, case: Case) -> Note | None:
    limit, delay = finding.warranty.body.notify_within_days, case.facts.notice_delay
    if limit is None or delay is None or delay <= limit:
        return None
    return note("late_notice", terms=finding.warranty.label, days=days(delay), limit=days(limit))


def _function_missing(finding: Finding, case: Case) -> Note | None:
    facts = case.facts
    if not finding.warranty.body.functions_only or facts.function or facts.request != "malfunction":
        return None
    return note("function_missing", terms=finding.warranty.label)


def _given(facts: Facts) -> set[str]:
    given = {"parameter_reading"} if facts.reading else set()
    return given | ({"test_record"} if facts.tests else set())


def _evidence_missing(finding: Finding, case: Case) -> Note | None:
    """Asked for in a claim, that is when a cause is named, and for a malfunction only."""
    given = _given(case.facts)
    missing = [_(EVIDENCE[code]) for code in finding.warranty.body.evidence if code not in given]
    if not missing or case.cause is None or case.facts.request != "malfunction":
        return None
    return note("evidence_missing", terms=finding.warranty.label, evidence=_(", ").join(missing))


def _notified_in_term(finding: Finding, case: Case) -> Note | None:
    if not any(reason.code == "expired" for reason in finding.refusals):
        return None
    spans = finding.warranty.live_spans
    for on in (case.facts.notified_on, case.facts.fault_on):
        if on is not None and any(span.covers(on) for span in spans):
            until = max(span.ends_on for span in spans)
            return note("notified_in_term", terms=finding.warranty.label, until=until, on=on)
    return None


FLAGS_OF_A_COVERING_WARRANTY: tuple[Callable[[Finding, Case], Note | None], ...] = (
    _late_notice,
    _function_missing,
    _evidence_missing,
)


def flags_for(findings: Sequence[Finding], case: Case, quotes: Sequence[Offer]) -> tuple[Note, ...]:
    covering = [finding for finding in findings if finding.covers]
    found = _of_the_cause(case) if covering else []
    found += [
        flag
        for finding in covering
        for rule in FLAGS_OF_A_COVERING_WARRANTY
        if (flag := rule(finding, case)) is not None
    ]
    found += [flag for finding in findings if (flag := _notified_in_term(finding, case)) is not None]
    if quotes and not covering:
        found.append(note("quote_first"))
    return unique(found)


def _of_the_cause(case: Case) -> list[Note]:
    if case.cause is None:
        return []
    undetermined = CAUSES[case.cause].kind == "undetermined"
    found = [note("cause_to_be_established")] if undetermined else []
    if case.cause == "environment" and not case.facts.operating:
        found.append(note("operating_missing"))
    return found
