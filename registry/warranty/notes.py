"""Every reason and flag a decision can give: one code, one sentence. The codes are what others may test."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

from registry.kernel.language import N_, _, ngettext, told

TEXTS = {
    # why a warranty owes something
    "covered": N_("{terms}: covered through {until}."),
    "owed": N_("{remedy} is owed free of charge through {until} under {terms}."),
    "owed.rate": N_("{remedy} is owed free of charge through {until} under {terms}, at least {rate} a year."),
    "our_data": N_("The unit itself is sound; it is covered as the technical data we provided are at fault."),
    "failing": N_("{reading} is outside its limits: the unit fails its specification."),
    # why a warranty owes nothing
    "excluded": N_("{terms}: {cause} is excluded, even where the failure is otherwise covered."),
    "void": N_("{terms}: void since {on}."),
    "void.why": N_("{terms}: void since {on}: {why}."),
    "transferred": N_("{terms}: moved to a replacement unit on {on}."),
    "start_missing": N_("{terms}: has not started: {why}."),
    "not_started": N_("{terms}: starts on {on}."),
    "expired": N_("{terms}: ended on {until}."),
    "none": N_("{terms}: holds no coverage."),
    "within_specification": N_("{reading} is within its limits: the unit is as specified, nothing is owed."),
    "operating_conditions": N_("{terms}: the unit was operated outside its data sheet: {readings}."),
    "cause_not_covered": N_("{terms}: {cause} ({kind}) is not among the causes covered."),
    "out_of_scope": N_("{terms}: the function {function} is not on the agreed list."),
    "out_of_scope.later": N_("{terms}: the function {function} is not on the agreed list before {on}."),
    "request_not_free": N_("{terms}: {request} is not free of charge."),
    "no_remedy": N_("{terms}: promises no remedy for this on {on}."),
    "no_warranty": N_("No warranty or contract covers this unit."),
    # why a remedy of a warranty that covers is not offered
    "remedy_ended": N_("{terms}: {remedy} ended on {until}."),
    "remedy_not_started": N_("{terms}: {remedy} starts on {on}."),
    "superseded": N_("{terms}: {remedy} is not offered while {instead} is owed."),
    "needs_failed_repair": N_("{terms}: {remedy} is owed once the repaired unit fails its test."),
    "needs_failed_replacement": N_("{terms}: {remedy} is owed once the replacement unit fails its test."),
    "test_passed": N_("{terms}: {remedy} is not offered, as the unit passed its test."),
    "customer_choice_only": N_("{terms}: {remedy} is the customer's choice; staff cannot make it."),
    # on what condition something is owed or done
    "if_failed": N_("The unit failed its test: {readings}."),
    "if_covered": N_("The cause proves to be covered."),
    "if_agreed": N_("The function concerned is on the agreed list."),
    "if_quoted": N_("A quote at list price is accepted in writing before work starts."),
    # what to look at before going on
    "cause_to_be_established": N_("Cause to be established: the remedies are owed if it proves to be covered."),
    "late_notice": N_("{terms}: notified {days} after the fault, due within {limit}; decide whether it matters."),
    "notice_delay": N_("Notified {days} after the fault."),
    "function_missing": N_("{terms}: name the function concerned; only those on the agreed list are covered."),
    "evidence_missing": N_("{terms}: still to be given: {evidence}."),
    "operating_missing": N_("State the operating conditions, so that they can be compared with the data sheet."),
    "notified_in_term": N_("{terms}: ended on {until}, but the fault or its notice of {on} was within the term."),
    "quote_first": N_("Work starts after a quote at list price has been accepted in writing."),
}


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or a flag."""

    code: str
    text: str

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


def note(code: str, **values: Any) -> Note:
    """What stands after a dot says the same code in other words."""
    return Note(code.partition(".")[0], _(TEXTS[code]).format(**{name: told(value) for name, value in values.items()}))


def unique(notes: list[Note]) -> tuple[Note, ...]:
    """Each note once, in order."""
    return tuple(dict.fromkeys(notes))


def in_a_row(notes: list[Note]) -> str:
    """Sentences one after the other: a language that puts no blank between them says so."""
    texts = (item.text for item in notes)
    return reduce(lambda one, other: _("%(one)s %(other)s", one=one, other=other), texts, next(texts, ""))


def days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)
