"""What codes are called, in one place for pages, papers and messages."""

from registry.sdk import N_, Vocabulary

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
    "lost_from": {"carrier": N_("The service centre"), "customer": N_("The customer")},
    "cause_class": {
        "human": N_("Brought about by people"), "non_human": N_("Not brought about by people"),
        "excluded": N_("War, disaster and force majeure"), "undetermined": N_("Not established yet"),
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
# For the pages of the core that show the history: actions, tables, columns, and the values of columns.
DONE = {
    "rma.opened": N_("RMA case opened"), "rma.line_added": N_("Unit added to an RMA case"),
    "rma.number_issued": N_("RMA number issued"), "rma.moved": N_("RMA case moved on"),
    "rma.claim_changed": N_("Claim changed"), "rma.overruled": N_("Decision overruled"),
    "rma.confirmed": N_("Claim confirmed to the customer"), "rma.refunded": N_("Refund written down"),
    "rma.idle": N_("RMA case waits too long"), "rma.price_set": N_("Price set"), "rma.quoted": N_("Quote written"),
    "rma.quote_accepted": N_("Quote accepted"), "rma.quote_declined": N_("Quote declined"),
    "rma.track_begun": N_("Unit lent or sent ahead"), "rma.track_moved": N_("Unit lent or sent ahead moved on"),
    "rma.track_overdue": N_("Unit lent or sent ahead overdue"), "rma.tested": N_("Test recorded"),
    "rma.recorded": N_("Maintenance recorded"),
}  # fmt: skip
THINGS = {
    "rma_case": N_("RMA case"), "rma_line": N_("Unit in an RMA case"), "rma_test": N_("RMA test"),
    "rma_price": N_("RMA price"), "rma_quote": N_("RMA quote"), "rma_record": N_("Maintenance record"),
    "rma_track": N_("Unit lent or sent ahead"),
}  # fmt: skip
FIELDS = {
    "ended": N_("Closed"), "fault_on": N_("Day of the fault"), "cause_class": N_("Kind of cause"),
    "charge": N_("Charged"), "charge_reason": N_("Why it is charged or not"), "rank": N_("Place in the queue"),
    "no_fault": N_("No fault found"), "lost_from": N_("Lost on the way from"), "overruled": N_("Decided by hand"),
    "overruled_by": N_("Decided by"), "overruled_reason": N_("Reason"), "proposal": N_("Decision at the start"),
    "facts": N_("What was measured"), "work": N_("Work"), "chosen": N_("Chosen by the customer"),
    "replacement_serial": N_("Serial number of the replacement"), "status_before": N_("Status before"),
    "repair_days": N_("Days in repair"), "moved_at": N_("Last moved"), "staff": N_("Technician"),
    "idle_told_at": N_("Account manager told"), "readings": N_("Measured"), "outcome": N_("Outcome"),
    "settled_by": N_("Answered by"), "settled_on": N_("Answered on"), "written": N_("Where the writing is"),
    "deviation": N_("Why it differs from the list"), "offered_by": N_("Offered by"),
    "offered_on": N_("Offered on"), "opened_by": N_("Opened by"), "confirmed_at": N_("Confirmed"),
    "notified_at": N_("Heard of it"), "notified_on": N_("Heard of it"), "channel": N_("How it was told"),
    "received_on": N_("Received"), "ready_on": N_("Ready to send"), "requested_on": N_("Asked for"),
    "closed_on": N_("Closed"), "approved_on": N_("Approved"), "failed_on": N_("Failed"), "refund": N_("Refund"),
}  # fmt: skip
VALUES = {
    "rma_case.channel": "channel", "rma_line.cause_class": "cause_class", "rma_line.state": "state",
    "rma_line.lost_from": "lost_from",
    "rma_line.overruled": "remedy", "rma_line.chosen": "remedy", "rma_line.work": "after", "rma_test.after": "after",
    "rma_test.outcome": "outcome", "rma_quote.state": "quote", "rma_quote.how": "how", "rma_track.kind": "track",
    "rma_track.state": "track_state",
}  # fmt: skip

_called = Vocabulary(WORDS, done=DONE, things=THINGS, fields=FIELDS, columns=VALUES)
word, choices, of_the_history = _called.word, _called.choices, _called.of_the_history
