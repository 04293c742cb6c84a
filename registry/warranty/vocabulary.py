"""The closed lists that terms and decisions speak in."""

from dataclasses import dataclass

REQUESTS = {
    "malfunction": "Something does not work",
    "fine_adjustment": "Fine adjustment of a running system",
    "question": "Question about use",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """`answers`: requests it is a remedy for. `for_sale`: done for a price when it is not owed."""

    code: str
    title: str
    answers: frozenset[str]
    for_sale: bool = False


_REMEDIES = (  # in the order that decides between warranties that both put theirs first
    Remedy("replace", "Replacement", frozenset({"malfunction"})),
    Remedy("repair", "Repair", frozenset({"malfunction"}), for_sale=True),
    Remedy("return", "Return", frozenset({"malfunction"})),
    Remedy("onsite", "On-site service", frozenset({"malfunction", "fine_adjustment"}), for_sale=True),
    Remedy("support", "Technical support", frozenset({"malfunction", "question"}), for_sale=True),
    Remedy("adjust", "Fine adjustment", frozenset({"fine_adjustment"}), for_sale=True),
    Remedy("patrol", "Patrol", frozenset()),
)
REMEDIES: dict[str, Remedy] = {remedy.code: remedy for remedy in _REMEDIES}
REMEDY_RANK = {code: rank for rank, code in enumerate(REMEDIES)}
REQUEST_REMEDY = {"malfunction": "repair", "fine_adjustment": "adjust", "question": "support"}
"""The remedy that a request is about: what free requests need in the terms, what is quoted by default."""

START_BASES = {
    "delivery": "the delivery",
    "acceptance": "the acceptance",
    "launch": "the launch",
    "purchase": "the purchase",
    "registration": "the registration",
    "given": "a date given",
}
EVIDENCE = {
    "parameter_reading": "a reading of the failing parameter",
    "photo": "a photograph",
    "test_record": "a test record",
    "memory_image": "the raw memory image of the module",
    "error_log": "an error log",
    "delivery_note": "the delivery note",
    "proof_of_purchase": "the proof of purchase",
    "acceptance_form": "the acceptance form",
}
REQUIREMENTS = {
    "failed_repair": "the repaired unit fails its test",
    "failed_replacement": "the replacement unit fails its test",
}
CHOOSERS = {"customer": "The customer", "staff": "Staff"}
CUSTOMER_CHOICES = ("return", "replace")
TESTED_AFTER = ("repair", "replacement")
CHARGES = {"free": "Free of charge", "quote": "By quote"}
AFTER_TERM = {"quote": "A quote at list price, accepted before work starts"}
TRANSFER_RULES = {
    "remaining": "The rest of the term",
    "full_new": "A full new term",
    "max_remaining": "The rest of the term, or the days given if that is longer",
}
KINDS = {
    "manufacturer": "Manufacturer's warranty",
    "extended": "Extended warranty",
    "contract": "Contract",
    "after_repair": "Warranty on a repair",
    "inherited": "Inherited from the unit it replaced",
}
STATES = {
    "active": "Active",
    "expiring": "Expiring",
    "not_started": "Not started",
    "expired": "Expired",
    "void": "Void",
    "none": "None",
}
