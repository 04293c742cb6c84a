"""What codes are called, in one place for pages, mails and the history."""

from registry.sdk import N_, Vocabulary

WORDS: dict[str, dict[str, str]] = {
    "state": {
        "draft": N_("Draft"), "checking": N_("Being verified"), "open": N_("Sent"), "arrived": N_("Arrived"),
        "ended": N_("Ended"),
    },
    "end_reason": {
        "expired": N_("Expired"), "revoked": N_("Taken back"), "used_up": N_("All downloads used"),
        "abandoned": N_("Never finished"),
    },
    "file_state": {
        "receiving": N_("Not finished"), "checking": N_("Being verified"), "kept": N_("Verified"),
        "refused": N_("Refused"), "stuck": N_("Could not be verified yet"),
    },
    "refusal": {
        "checksum": N_("It is not what its sender said: the SHA-256 differs."),
        "type": N_("Files of this type are not accepted here."),
        "infected": N_("The virus scanner found something in it."),
        "damaged": N_("It did not arrive as it was sent."),
        "quota": N_("There was no space left for it."),
        "unfinished": N_("It never arrived whole."),
    },
    "scan": {
        "clean": N_("Verified, no virus found"), "not_scanned": N_("Not scanned for viruses"),
        "too_large": N_("Too large to be scanned for viruses"),
    },
    "kind": {
        "own": N_("The customer's own people"), "office": N_("The operator's people"), "third": N_("A third party"),
    },
    "request_state": {"open": N_("Open"), "expired": N_("Expired"), "closed": N_("Closed")},
}  # fmt: skip
TONES = {
    "draft": "", "checking": "warn", "open": "good", "arrived": "good", "ended": "", "receiving": "warn",
    "kept": "good", "refused": "bad", "stuck": "warn", "expired": "", "closed": "",
}  # fmt: skip
# For the pages of the core that show the history: actions, tables, columns, and the values of columns.
DONE = {
    "sendbig.drafted": N_("Transfer drafted"), "sendbig.changed": N_("Transfer changed"),
    "sendbig.sent": N_("Transfer sent"), "sendbig.opened": N_("Transfer opened for its recipients"),
    "sendbig.extended": N_("Transfer extended"), "sendbig.expired": N_("Transfer expired"),
    "sendbig.revoked": N_("Transfer taken back"), "sendbig.used_up": N_("All downloads of a transfer used"),
    "sendbig.abandoned": N_("Draft of a transfer thrown away"), "sendbig.link_sent": N_("Link sent by mail"),
    "sendbig.recipient_added": N_("Recipient added"), "sendbig.recipient_removed": N_("Recipient removed"),
    "sendbig.recipient_revoked": N_("Link of a recipient taken back"),
    "sendbig.download_begun": N_("Download begun"), "sendbig.downloaded": N_("Downloaded whole"),
    "sendbig.page_seen": N_("Page of a PDF looked at"),
    "sendbig.requested": N_("Files asked for"), "sendbig.request_extended": N_("File request extended"),
    "sendbig.request_closed": N_("File request closed"), "sendbig.visit_begun": N_("File request used"),
    "sendbig.file_begun": N_("Upload begun"), "sendbig.file_sized": N_("Size of an upload said"),
    "sendbig.file_arrived": N_("Upload arrived whole"), "sendbig.file_kept": N_("File verified and kept"),
    "sendbig.file_refused": N_("File refused"), "sendbig.file_stuck": N_("File could not be verified"),
    "sendbig.file_ended": N_("Upload cancelled"), "sendbig.file_expired": N_("Upload expired"),
    "sendbig.file_lost": N_("Upload lost by the store"), "sendbig.file_checked_again": N_("File checked again"),
}  # fmt: skip
THINGS = {
    "sendbig_transfer": N_("Transfer"), "sendbig_file": N_("Sent file"), "sendbig_request": N_("File request"),
    "sendbig_recipient": N_("Recipient of a transfer"), "sendbig_download": N_("Download"),
    "sendbig_blob": N_("Stored file"), "sendbig_upload": N_("Upload"),
}  # fmt: skip
FIELDS = {
    "message": N_("Message"), "by_operator": N_("By the operator's people"), "sender_email": N_("E-mail of the sender"),
    "party": N_("Third party"), "approval_id": N_("Approval"), "most_downloads": N_("Downloads allowed"),
    "opened_at": N_("Sent"), "ended_at": N_("Ended"), "end_reason": N_("Why it ended"), "ended_by": N_("Ended by"),
    "reminded_at": N_("Reminded"), "most_bytes": N_("Bytes at most"), "most_files": N_("Files at most"),
    "used_at": N_("First used"), "mailed_at": N_("Mail sent"), "first_at": N_("First fetched"),
    "last_at": N_("Last fetched"), "folder": N_("Folder"), "declared_type": N_("Type, as its sender says"),
    "refusal": N_("Why it was refused"), "refusal_told": N_("Why it was refused"),
    "wanted_sha256": N_("SHA-256, as its sender says"), "blob_id": N_("Stored file"), "scan": N_("Virus scan"),
    "scanned_at": N_("Scanned"), "checked_at": N_("Checked"), "missing_at": N_("Missing since"),
    "gone_at": N_("Being deleted since"), "whole_at": N_("Whole"), "delivered": N_("Bytes delivered"),
    "begun_at": N_("Begun"), "arrived": N_("Bytes arrived"), "settled_at": N_("Settled"), "who": N_("Who"),
    "media_type": N_("Type of content"), "request_id": N_("File request"), "transfer_id": N_("Transfer"),
    "file_id": N_("Sent file"), "recipient_id": N_("Recipient of a transfer"), "size": N_("Size"),
    "made_by": N_("Made by"), "made_by_id": N_("Made by (id)"), "revoked_at": N_("Taken back"),
    "product_id": N_("Product"), "release_id": N_("Release"), "told_at": N_("Told"), "partial": N_("Part of a file"),
    "tries": N_("Tries"), "user_id": N_("User"), "address": N_("Address"), "ranges": N_("Ranges delivered"),
    "live_until": N_("In progress until"), "asset_id": N_("Unit"), "source": N_("Source"), "what": N_("What"),
    "password_hash": N_("Password"), "crc32c": N_("CRC-32C"), "version_rank": N_("Version as it is compared"),
    "from_rank": N_("From version, as it is compared"), "below_rank": N_("Before version, as it is compared"),
}  # fmt: skip
VALUES = {
    "sendbig_transfer.state": "state", "sendbig_transfer.end_reason": "end_reason", "sendbig_file.state": "file_state",
    "sendbig_file.refusal": "refusal",
    "sendbig_recipient.kind": "kind", "sendbig_blob.scan": "scan",
}  # fmt: skip

_called = Vocabulary(WORDS, done=DONE, things=THINGS, fields=FIELDS, columns=VALUES)
word, choices, of_the_history = _called.word, _called.choices, _called.of_the_history
