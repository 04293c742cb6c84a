"""Words for codes about what is promised: terms, warranties, contracts, licences, products; words.py shows them all."""

from registry.kernel.language import N_, _
from registry.warranty.periods import Period

WORDS: dict[str, dict[str, str]] = {
    "cause": {
        "module": N_("Fault of the unit itself"), "our_technical_data": N_("Technical data that we provided"),
        "quality": N_("Quality of manufacture"), "wear": N_("Wear and ageing"),
        "function": N_("An agreed function does not work"), "environment": N_("Conditions at the place of use"),
        "other_non_human": N_("Another cause that nobody brought about"),
        "user": N_("Operation against the technical data"), "human_damage": N_("Damage done by people"),
        "war": N_("War"), "disaster": N_("Disaster, such as lightning or flood"), "force_majeure": N_("Force majeure"),
        "unknown": N_("Cause not known yet"),
    },
    "cause_class": {
        "non_human": N_("Everything that nobody brought about"), "human": N_("Everything that people brought about"),
        "excluded": N_("War, disaster and force majeure"), "undetermined": N_("Whatever is not established yet"),
    },
    "requirement": {
        "failed_repair": N_("If the repaired unit fails its test"),
        "failed_replacement": N_("If the replacement unit fails its test"),
    },
    "evidence": {
        "parameter_reading": N_("Reading of the failing parameter"), "photo": N_("Photograph"),
        "test_record": N_("Test record"), "memory_image": N_("Raw memory image of the module"),
        "error_log": N_("Error log"), "delivery_note": N_("Delivery note"),
        "proof_of_purchase": N_("Proof of purchase"), "acceptance_form": N_("Acceptance form"),
    },
    "request": {
        "malfunction": N_("Something does not work"), "fine_adjustment": N_("Fine adjustment of a running system"),
        "question": N_("Questions about use"),
    },
    "transfer": {
        "remaining": N_("The rest of the term"), "full_new": N_("A full new term"),
        "max_remaining": N_("The rest of the term, or a number of days if that is longer"),
    },
    "after_term": {"quote": N_("A quote at list price, accepted before work starts")},
    "warranty_change": {
        "extended": N_("Extended"), "voided": N_("Declared void"), "transferred": N_("Moved to another unit"),
        "redated": N_("Follows a corrected date"),
    },
    "charge": {"free": N_("Free of charge"), "quote": N_("By quote")},
    "tested_after": {"repair": N_("Repair"), "replacement": N_("Replacement")},
    "chosen_by": {"customer": N_("Customer"), "staff": N_("Operator")},
    "contract_named": {"none": N_("no contract")},
    "duty_kind": {
        "warranty": N_("Warranty"), "patrol": N_("Patrol"), "training": N_("Training"), "response": N_("Response"),
        "report": N_("Report"), "other": N_("Other"),
    },
    "duty_state": {
        "done": N_("Done"), "due": N_("Due"), "overdue": N_("Overdue"), "not_yet": N_("Not yet due"),
    },
    "covers": {
        "asset": N_("One unit"), "licence": N_("One licence"), "product": N_("Every unit of a product"),
        "site": N_("Everything at a site"), "everything": N_("Everything the customer has"),
    },
    "period_unit": {"Y": N_("years"), "M": N_("months"), "W": N_("weeks"), "D": N_("days")},
}  # fmt: skip
TONES = {"done": "good", "due": "warn", "overdue": "bad", "terminated": "bad"}


def said_period(text: str | Period | None) -> str:
    """1 year and 6 months, from a period or its ISO form; what is none is said as it came."""
    try:
        period = text if isinstance(text, Period) else Period.parse(text or "")
    except ValueError:
        return str(text or "")
    return period.said()


def counted(text: str | Period | None) -> tuple[str, str]:
    """A period as number and unit, for two fields: ("18", "M"). One that takes several units is ("", "P1Y10D")."""
    if not text:
        return "", "Y"
    period = text if isinstance(text, Period) else Period.parse(text)
    named = (("Y", period.years), ("M", period.months), ("W", period.weeks), ("D", period.days))
    parts = [(str(number), unit) for unit, number in named if number]
    return parts[0] if len(parts) == 1 else ("", str(period))


def period_units(typed: str = "") -> list[tuple[str, str]]:
    """Choices for the unit; a period of several units, which no number and unit can say, is a choice of its own."""
    own = [(typed, said_period(typed))] if typed.startswith("P") else []
    return [(code, _(text)) for code, text in WORDS["period_unit"].items()] + own


def meant_period(count: str, unit: str) -> str | None:
    """What two fields mean, as an ISO period; None for none. What makes no sense comes out as no period at all."""
    if unit.startswith("P") and not count.strip():
        return unit
    return f"P{count.strip()}{unit[:1] or 'Y'}" if count.strip() else None
