"""The service policies that come with the product: the five published ones, each a whole, never merged."""

from registry.customers.models import ServicePolicy
from registry.kernel.db import transaction
from registry.kernel.language import N_

# hours are elapsed unless `clock` says business; sources: the published policies named in docs/notes.md
SHIPPED: dict[str, tuple[str, dict[str, object]]] = {
    "three-level-on-site": (
        N_("On-site in three levels"),
        {
            "targets": {
                "level_1": {"on_site": "PT4H", "clock": "elapsed"},
                "level_2": {"on_site": "next_business_day"},
                "level_3": {"on_site": "appointment_or_next_visit"},
            },
            "visits": {"every": "P1M"},
        },
    ),
    "four-priority-response": (
        N_("Response by four priorities"),
        {
            "targets": {
                "P1": {"response": "PT4H", "clock": "elapsed"},
                "P2": {"response": "PT8H", "clock": "elapsed"},
                "P3": {"response": "PT24H", "clock": "elapsed"},
                "P4": {"response": "PT24H", "clock": "elapsed"},
            },
            "channels": {"telephone": "8 hours on working days", "e_mail": {"response": "PT24H"}},
            "patrols_per_year": 2,
        },
    ),
    "queue-in-writing": (
        N_("One queue, answers in writing"),
        {
            "targets": {"next_issue": "PT24H", "issue": "P7D"},
            "opening": "Dear customers",
            "closing": "Thank you for your interest in our products and services.",
            "calendar": [["08:00", "12:00"], ["13:30", "16:30"]],
        },
    ),
    "by-distance": (
        N_("On-site by distance"),
        {
            "targets": {
                "telephone": "PT0S",
                "e_mail": {"response": "PT2H", "clock": "business"},
                "same_city": {"on_site": "P1D"},
                "same_province": {"on_site": "P2D"},
                "other_province": {"on_site": "P3D"},
            },
            "calendar": [["08:00", "12:00"], ["13:30", "16:30"]],
        },
    ),
    "optical-module": (N_("After-sale of optical modules"), {"targets": {"solve": "as_soon_as_possible"}}),
}


def install_policies() -> None:
    with transaction():
        for code, (name, settings) in SHIPPED.items():
            ServicePolicy.get_or_create(code=code, defaults={"name": name, "settings": settings})
