"""The terms that ship with the product, as plain data; `terms.TEMPLATES` holds them checked."""

from typing import Any

from registry.kernel.language import N_

OUTSIDE_EVENTS = ["war", "disaster", "force_majeure"]

OPTICAL_MODULE: dict[str, Any] = {
    "start_basis": "delivery",
    "coverages": [
        {"remedy": "replace", "period": "P1Y", "supersedes": ["repair"]},
        {"remedy": "repair", "period": "P3Y"},
        {"remedy": "support", "period": "P3Y"},
    ],
    "covers_causes": ["non_human", "our_technical_data"],
    "exclusions": [*OUTSIDE_EVENTS, "human_damage"],
    "evidence": ["parameter_reading"],
    "replacement": {"rule": "remaining"},
    "free_requests": ["question"],
    "notify_within_days": 30,
    "notes": N_(
        "A module that fails its specified parameters is replaced in the first year and repaired in the "
        "second and third. Failures without human cause are covered, and so are failures that follow from "
        "technical data we provided. Not covered are war, disaster, force majeure and human damage, even "
        "where a cause is otherwise covered. The module is operated within its data sheet; a failure is "
        "notified at once."
    ),
}
SOFTWARE: dict[str, Any] = {
    "start_basis": "launch",
    "coverages": [
        {"remedy": "repair", "period": "P1Y"},
        {"remedy": "support", "period": "P1Y"},
        {"remedy": "adjust", "period": "P1Y"},
        {"remedy": "patrol", "period": "P1Y", "per_year": 2},
    ],
    "covers_causes": ["non_human"],
    "exclusions": OUTSIDE_EVENTS,
    "functions_only": True,
    "free_requests": ["fine_adjustment", "question"],
    "notes": N_(
        "One year of after-sales service without charge from the launch. Malfunctions of the functions on "
        "the agreed list are removed; functions agreed later count from the day they were agreed. Fine "
        "adjustments of the running system are included. At least two patrols a year, each with a report and "
        "recommendations."
    ),
}
HARDWARE: dict[str, Any] = {
    "start_basis": "delivery",
    "coverages": [
        {"remedy": "repair", "period": "P1Y"},
        {"remedy": "replace", "period": "P1Y", "requires": "failed_repair"},
        {"remedy": "return", "period": "P1Y", "requires": "failed_repair", "chosen_by": "customer"},
    ],
    "covers_causes": ["non_human"],
    "exclusions": [*OUTSIDE_EVENTS, "human_damage"],
    "evidence": ["test_record"],
    "replacement": {"rule": "remaining"},
    "repair_warranty": "P90D",
    "notes": N_(
        "Quality problems are repaired. A repaired unit that does not meet its technical requirements can be "
        "replaced, or the customer may return it. After the term, service at list price by a quote that is "
        "accepted before work starts."
    ),
}
ON_SITE_SUPPORT: dict[str, Any] = {
    "start_basis": "given",
    "coverages": [
        {"remedy": "onsite", "period": "P1Y"},
        {"remedy": "support", "period": "P1Y"},
    ],
    "covers_causes": ["non_human", "human"],
    "exclusions": OUTSIDE_EVENTS,
    "evidence": ["acceptance_form"],
    "free_requests": ["question"],
    "notes": N_(
        "Visits to the customer's site and technical support for the period of the contract, whoever caused "
        "the problem. Spare parts and replacements follow the unit's own warranty. Each visit ends with an "
        "acceptance form."
    ),
}
TEMPLATE_BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "optical-module": (N_("Optical module"), OPTICAL_MODULE),
    "software": (N_("Software"), SOFTWARE),
    "hardware": (N_("Hardware"), HARDWARE),
    "on-site-support": (N_("On-site support"), ON_SITE_SUPPORT),
}
