"""`decide`: which remedies are owed on a unit on a day, in order, by which warranty, and why not.

Every rule of a single warranty is in `grounds` (the warranty as a whole) and `offers` (its remedies); here
the answers of several warranties become one. The result is plain data for pages, API, plugins and letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .causes import CAUSES, resolve_cause
from .coverage import covered_until, state
from .facts import Facts, Subject, WarrantyFacts
from .flags import flags_for
from .grounds import Case
from .notes import Note, days, note, unique
from .offers import Finding, Offer, find
from .vocabulary import REMEDIES, REMEDY_RANK, REQUEST_REMEDY

NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one of the warranties says about the case."""

    warranty: WarrantyFacts
    state: str
    starts_on: date | None
    until: date | None
    covers: bool
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.warranty.id,
            "kind": self.warranty.kind,
            "terms": self.warranty.terms,
            "version": self.warranty.version,
            "state": self.state,
            "starts_on": self.starts_on.isoformat() if self.starts_on else None,
            "until": self.until.isoformat() if self.until else None,
            "covers": self.covers,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; remedies stand best first. `cause` is None when it was asked what is owed in principle."""

    asset: int | str | None
    on: date
    cause: str | None
    state: str
    until: date | None
    remedies: tuple[Offer, ...]
    warranties: tuple[Verdict, ...]
    reasons: tuple[Note, ...]
    flags: tuple[Note, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON data: asset, on, cause, state, until, remedies, warranties, reasons, flags."""
        return {
            "asset": self.asset,
            "on": self.on.isoformat(),
            "cause": self.cause,
            "state": self.state,
            "until": self.until.isoformat() if self.until else None,
            "remedies": [offer.as_dict() for offer in self.remedies],
            "warranties": [verdict.as_dict() for verdict in self.warranties],
            "reasons": [reason.as_dict() for reason in self.reasons],
            "flags": [flag.as_dict() for flag in self.flags],
        }


def decide(subject: Subject, on: date, cause: str | None = None, facts: Facts = NO_FACTS) -> Decision:
    """What is owed on the unit on that day. Raises ValueError for a cause that is not known."""
    case = Case(on, resolve_cause(cause), facts)
    findings = [find(warranty, case) for warranty in subject.warranties]
    free = _in_order(_merged(findings), facts)
    quotes = _quotes(findings, free, case)
    live = [span for warranty in subject.warranties for span in warranty.live_spans]
    return Decision(
        asset=subject.asset,
        on=on,
        cause=case.cause,
        state=overall_state(subject, on),
        until=covered_until(live, on),
        remedies=(*free, *quotes),
        warranties=tuple(_verdict(finding, on) for finding in findings),
        reasons=_reasons(findings, case),
        flags=flags_for(findings, case, quotes),
    )


def overall_state(subject: Subject, on: date) -> str:
    """The state over all warranties together; `void` only where a void one is all there would have been."""
    live = [span for warranty in subject.warranties for span in warranty.live_spans]
    found = state(live, on)
    voided = [warranty for warranty in subject.warranties if warranty.void_on and on >= warranty.void_on]
    if not voided or found not in ("none", "expired"):
        return found
    would_cover = any(span.covers(on) for warranty in voided for span in warranty.spans)
    return "void" if found == "none" or would_cover else found


def _verdict(finding: Finding, on: date) -> Verdict:
    spans = finding.warranty.spans
    return Verdict(
        warranty=finding.warranty,
        state=finding.state,
        starts_on=min((span.starts_on for span in spans), default=None),
        until=covered_until(finding.warranty.live_spans, on),
        covers=finding.covers,
        reason=finding.reason.text,
    )


def _better(offer: Offer) -> tuple[bool, int]:
    """Without a condition before with one, then the one that lasts longest."""
    last = offer.until or date.max
    return offer.condition is not None, -last.toordinal()


def _merged(findings: Sequence[Finding]) -> list[Offer]:
    """One offer for each remedy: the best of all warranties, at the best place any of them gives it."""
    by_remedy: dict[str, list[Offer]] = {}
    for finding in findings:
        for offer in finding.offers:
            by_remedy.setdefault(offer.remedy, []).append(offer)
    return [
        replace(min(offers, key=_better), position=min(offer.position for offer in offers))
        for offers in by_remedy.values()
    ]


def _in_order(offers: Sequence[Offer], facts: Facts) -> list[Offer]:
    """What the customer chose, then what a failed test opened, then the order of the terms."""
    chosen = facts.customer_choice if facts.chosen_by == "customer" else None

    def key(offer: Offer) -> tuple[bool, bool, int, int]:
        picked = offer.climbed and offer.remedy == chosen
        return not picked, not offer.climbed, offer.position, REMEDY_RANK[offer.remedy]

    return sorted(offers, key=key)


def _quotes(findings: Sequence[Finding], free: Sequence[Offer], case: Case) -> list[Offer]:
    """What can be had at list price: services of the terms that are not owed, or what the request needs."""
    if case.nothing_failed:
        return []
    taken = {offer.remedy for offer in free}.union(*(finding.superseded for finding in findings))
    why = {
        coverage.remedy: finding.why_not(coverage.remedy).text
        for finding in reversed(findings)
        for coverage in finding.warranty.body.coverages
        if REMEDIES[coverage.remedy].for_sale and case.asks_for(coverage.remedy)
    }
    if not why and not free:
        reason = findings[0].reason if findings else note("no_warranty")
        why = {REQUEST_REMEDY[case.facts.request]: reason.text}
    condition = note("if_quoted").text
    wanted = sorted(why.keys() - taken, key=REMEDY_RANK.__getitem__)
    return [Offer(remedy, "quote", why[remedy], condition=condition) for remedy in wanted]


def _reasons(findings: Sequence[Finding], case: Case) -> tuple[Note, ...]:
    covering = [finding for finding in findings if finding.covers]
    refusing = [finding for finding in findings if not finding.covers]
    reasons = [reason for finding in (*covering, *refusing) for reason in finding.reasons]
    if not findings:
        reasons.append(note("no_warranty"))
    if covering and case.unit_sound and case.cause and not CAUSES[case.cause].needs_failure:
        reasons.insert(0, note("our_data"))
    if case.facts.reading is not None and case.facts.reading.outside:
        reasons.append(note("failing", reading=case.facts.reading))
    delay = case.facts.notice_delay
    if delay:
        reasons.append(note("notice_delay", days=days(delay)))
    return unique(reasons)
