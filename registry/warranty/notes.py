"""Every reason and flag a decision can give: one code, one sentence. The codes are what others may test."""

from dataclasses import dataclass
from typing import Any

TEXTS = {
    # why a warranty owes something
    "covered": "{terms}: covered through {until}.",
    "owed": "{remedy} is owed free of charge through {until} under {terms}{rate}.",
    "our_data": "The unit itself is sound; it is covered as the technical data we provided are at fault.",
    "failing": "{reading} is outside its limits: the unit fails its specification.",
    # why a warranty owes nothing
    "excluded": "{terms}: {cause} is excluded, even where the failure is otherwise covered.",
    "void": "{terms}: void since {on}{why}.",
    "transferred": "{terms}: moved to a replacement unit on {on}.",
    "start_missing": "{terms}: has not started: {why}.",
    "not_started": "{terms}: starts on {on}.",
    "expired": "{terms}: ended on {until}.",
    "none": "{terms}: holds no coverage.",
    "within_specification": "{reading} is within its limits: the unit is as specified, nothing is owed.",
    "operating_conditions": "{terms}: the unit was operated outside its data sheet: {readings}.",
    "cause_not_covered": "{terms}: {cause} ({kind}) is not among the causes covered.",
    "out_of_scope": "{terms}: the function {function} is not on the agreed list{later}.",
    "request_not_free": "{terms}: {request} is not free of charge.",
    "no_remedy": "{terms}: promises no remedy for this on {on}.",
    "no_warranty": "There is no warranty on this unit.",
    # why a remedy of a warranty that covers is not offered
    "remedy_ended": "{terms}: {remedy} ended on {until}.",
    "remedy_not_started": "{terms}: {remedy} starts on {on}.",
    "superseded": "{terms}: {remedy} is not offered while {instead} is owed.",
    "needs_failed_repair": "{terms}: {remedy} is owed once the repaired unit fails its test.",
    "needs_failed_replacement": "{terms}: {remedy} is owed once the replacement unit fails its test.",
    "test_passed": "{terms}: {remedy} is not offered, as the unit passed its test.",
    "customer_choice_only": "{terms}: {remedy} is the customer's choice; staff cannot make it.",
    # on what condition something is owed or done
    "if_failed": "The unit failed its test: {readings}.",
    "if_covered": "The cause proves to be covered.",
    "if_agreed": "The function concerned is on the agreed list.",
    "if_quoted": "A quote at list price is accepted in writing before work starts.",
    # what to look at before going on
    "cause_to_be_established": "Cause to be established: the remedies are owed if it proves to be covered.",
    "late_notice": "{terms}: notified {days} after the fault, due within {limit}; decide whether it matters.",
    "notice_delay": "Notified {days} after the fault.",
    "function_missing": "{terms}: name the function concerned; only those on the agreed list are covered.",
    "evidence_missing": "{terms}: still to be given: {evidence}.",
    "operating_missing": "State the operating conditions, so that they can be compared with the data sheet.",
    "notified_in_term": "{terms}: ended on {until}, but the fault or its notice of {on} was within the term.",
    "quote_first": "Work starts after a quote at list price has been accepted in writing.",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or a flag."""

    code: str
    text: str

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


def note(code: str, **values: Any) -> Note:
    return Note(code, TEXTS[code].format(**values))


def unique(notes: list[Note]) -> tuple[Note, ...]:
    """Each note once, in order."""
    return tuple(dict.fromkeys(notes))


def days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
