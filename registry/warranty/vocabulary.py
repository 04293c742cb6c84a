"""The closed lists that terms and decisions speak in."""

from dataclasses import dataclass

from registry.kernel.language import N_

REQUESTS = {
    "malfunction": N_("Something does not work"),
    "fine_adjustment": N_("Fine adjustment of a running system"),
    "question": N_("Question about use"),
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
    "delivery": N_("the delivery"),
    "acceptance": N_("the acceptance"),
    "launch": N_("the launch"),
    "purchase": N_("the purchase"),
    "registration": N_("the registration"),
    "given": N_("a date given"),
}
EVIDENCE = {
    "parameter_reading": N_("a reading of the failing parameter"),
    "photo": N_("a photograph"),
    "test_record": N_("a test record"),
    "memory_image": N_("the raw memory image of the module"),
    "error_log": N_("an error log"),
    "delivery_note": N_("the delivery note"),
    "proof_of_purchase": N_("the proof of purchase"),
    "acceptance_form": N_("the acceptance form"),
}
REQUIREMENTS = {
    "failed_repair": N_("the repaired unit fails its test"),
    "failed_replacement": N_("the replacement unit fails its test"),
}
CHOOSERS = {"customer": N_("The customer"), "staff": N_("Staff")}
CUSTOMER_CHOICES = ("return", "replace")
TESTED_AFTER = ("repair", "replacement")
CHARGES = {"free": N_("Free of charge"), "quote": N_("By quote")}
AFTER_TERM = {"quote": N_("A quote at list price, accepted before work starts")}
TRANSFER_RULES = {
    "remaining": N_("The rest of the term"),
    "full_new": N_("A full new term"),
    "max_remaining": N_("The rest of the term, or the days given if that is longer"),
}
KINDS = {
    "manufacturer": N_("Manufacturer's warranty"),
    "extended": N_("Extended warranty"),
    "contract": N_("Contract"),
    "after_repair": N_("Warranty on a repair"),
    "inherited": N_("Inherited from the unit it replaced"),
}
STATES = {
    "active": N_("Active"),
    "expiring": N_("Expiring"),
    "not_started": N_("Not started"),
    "expired": N_("Expired"),
    "void": N_("Void"),
    "none": N_("None"),
}
