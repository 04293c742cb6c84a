"""Words for codes about units and what is brought along with them; registry/web/words/codes.py shows them all."""

from registry.kernel.language import N_

WORDS: dict[str, dict[str, str]] = {
    "file_kind": {
        "photo": N_("Photo"), "acceptance": N_("Acceptance paper"), "invoice": N_("Invoice"),
        "delivery": N_("Delivery note"), "other": N_("Other"),
    },
    # What a coverage is on a day, in the picture of all of them.
    "lane": {
        "active": N_("Covered"), "expiring": N_("Ends soon"), "not_started": N_("Not started"),
        "expired": N_("Ended"), "void": N_("Void"), "moved": N_("Moved to another unit"),
        "waiting": N_("Waits for a date"),
    },
    "limit": {
        "within": N_("Within limits"), "below": N_("Too low"), "above": N_("Too high"), "": N_("Not measured"),
    },
    "basis": {
        "delivery": N_("the delivery"), "acceptance": N_("the acceptance"), "launch": N_("the launch"),
        "purchase": N_("the purchase"), "registration": N_("the registration"), "given": N_("a date that is given"),
    },
    # Columns of warranties and files in the history of a unit; its own stand under "field" and "link".
    "column": {
        "kind": N_("Kind"), "size": N_("Size"), "void_on": N_("Void from"), "void_reason": N_("Why void"),
        "basis": N_("Starts with"), "starts_on": N_("Starts on"), "closed_on": N_("Moved on"),
        "contract": N_("Contract"), "note": N_("Note"),
    },
}  # fmt: skip
