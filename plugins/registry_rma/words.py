"""What codes are called, in one place for pages, papers and messages."""

from registry.sdk import N_, _

WORDS: dict[str, dict[str, str]] = {
    "state": {
        "draft": N_("Draft"), "requested": N_("Request sent"), "triage": N_("In triage"), "approved": N_("Approved"),
        "quoted": N_("Quote sent"), "rejected": N_("Refused"), "awaiting_receipt": N_("Waiting for the unit"),
        "received": N_("Received"), "inspecting": N_("In inspection"), "no_fault_found": N_("No fault found"),
        "repairing": N_("In repair"), "replacing": N_("Being replaced"),
        "excluded_quote": N_("Not covered: quote sent"), "verifying": N_("In test"), "passed": N_("Test passed"),
        "failed": N_("Test failed"), "ready": N_("Ready to send"), "shipped": N_("On its way back"),
        "delivered": N_("Delivered back"), "closed": N_("Closed"), "refund_or_return": N_("Returned for a refund"),
        "scrapped": N_("Scrapped"), "cancelled": N_("Cancelled"), "lost_in_transit": N_("Lost on its way"),
    },
    "place": {
        "customer": N_("At the customer"), "carrier": N_("With the carrier"), "service": N_("In our service centre"),
        "stock": N_("In stock"), "exchanged": N_("Kept by us, exchanged"), "scrapped": N_("Scrapped"),
        "lost": N_("Lost"),
    },
    "channel": {
        "portal": N_("Online"), "telephone": N_("Telephone"), "letter": N_("Letter"), "mail": N_("E-mail"),
        "in_person": N_("In person"),
    },
    "after": {
        "inspection": N_("Inspection"), "repair": N_("After the repair"), "replacement": N_("After the replacement"),
    },
    "outcome": {"passed": N_("Passed"), "failed": N_("Failed")},
    "quote": {"offered": N_("Waits for an answer"), "accepted": N_("Accepted"), "declined": N_("Declined")},
    "how": {"portal": N_("Online"), "letter": N_("By letter"), "mail": N_("By e-mail")},
    "remedy": {
        "repair": N_("Repair"), "replace": N_("Replacement"), "return": N_("Return"), "none": N_("Nothing"),
        "": N_("Open"),
    },
    "track": {"advance": N_("Replacement sent ahead"), "loaner": N_("Unit lent")},
    "track_state": {
        "promised": N_("Promised"), "shipped": N_("On its way"), "delivered": N_("Delivered: ours is due back"),
        "overdue": N_("Overdue"), "returned": N_("Defective unit is back"), "invoiced": N_("Invoiced"),
        "out": N_("Lent"), "in": N_("Back"), "lost": N_("Lost"), "cancelled": N_("Cancelled"),
    },
}  # fmt: skip
# What stands in the custody record: the line's states, and what happened to a unit beside it.
WORDS["event"] = {
    **WORDS["state"], "advance_shipped": N_("Replacement sent ahead"), "advance_delivered": N_("Replacement delivered"),
    "loaner_out": N_("Unit lent"), "loaner_in": N_("Lent unit is back"), "loaner_lost": N_("Lent unit is lost"),
}  # fmt: skip
TONES = {
    "requested": "warn", "quoted": "warn", "excluded_quote": "warn", "failed": "bad", "lost_in_transit": "bad",
    "passed": "good", "delivered": "good", "closed": "good",
}  # fmt: skip


def word(group: str, code: str) -> str:
    """What the code is called in the reader's language; a code that nobody knows is shown as it is."""
    return _(WORDS[group].get(code, code))


def choices(group: str, *leave_out: str) -> list[tuple[str, str]]:
    return [(code, _(text)) for code, text in WORDS[group].items() if code not in leave_out]
