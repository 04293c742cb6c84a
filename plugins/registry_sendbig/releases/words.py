"""What codes of releases are called, for pages and for the history."""

from registry.sdk import N_, Vocabulary

WORDS: dict[str, dict[str, str]] = {
    "state": {"draft": N_("Draft"), "published": N_("Published"), "withdrawn": N_("Withdrawn")},
    "kind": {"patch": N_("Patch"), "document": N_("Document")},
    "audience": {"contract": N_("Users under contract"), "all": N_("All users")},
    "unit": {
        "affected": N_("Still lack it"), "unknown": N_("Version unknown"), "patched": N_("Have it"),
        "other": N_("Not concerned"),
    },
}  # fmt: skip
TONES = {"draft": "", "published": "good", "withdrawn": "bad"}
DONE = {
    "sendbig.release_drafted": N_("Release drafted"), "sendbig.release_changed": N_("Release changed"),
    "sendbig.release_published": N_("Release published"), "sendbig.release_withdrawn": N_("Release withdrawn"),
    "sendbig.release_removed": N_("Draft of a release removed"), "sendbig.file_marked": N_("File marked"),
    "sendbig.file_removed": N_("File removed"), "sendbig.version_recorded": N_("Installed version recorded"),
    "sendbig.version_forgotten": N_("Installed version taken back"),
    "sendbig.patch_installed": N_("Patch installed"), "sendbig.taking_begun": N_("Download of a release begun"),
    "sendbig.taken": N_("File of a release taken"), "sendbig.document_approved": N_("Document approved"),
    "sendbig.approval_revoked": N_("Approval of a document taken back"),
    "sendbig.told_published": N_("Told about a release"), "sendbig.told_withdrawn": N_("Told about a withdrawal"),
}  # fmt: skip
THINGS = {
    "sendbig_release": N_("Patch or document"), "sendbig_installed": N_("Installed version"),
    "sendbig_receipt": N_("Receipt of a patch"), "sendbig_taken": N_("Patch or document taken"),
    "sendbig_told": N_("Notice about a release"), "sendbig_grant": N_("Approval of a document"),
}  # fmt: skip
FIELDS = {
    "version_name": N_("Version"), "from_version": N_("From version"), "below_version": N_("Before version"),
    "problem": N_("Problem"), "known_error": N_("Known error"), "audience": N_("For whom"),
    "published_by": N_("Published by"), "published_at": N_("Published"), "withdrawn_at": N_("Withdrawn"),
    "withdrawn_reason": N_("Why it was withdrawn"), "known_on": N_("Known since"), "unit_label": N_("Unit"),
    "version_before": N_("Version before"), "approved_by": N_("Approved by"), "approved_at": N_("Approved"),
    "granted": N_("By an approval"), "file_name": N_("File"), "licence_id": N_("Licence"),
}  # fmt: skip
VALUES = {
    "sendbig_release.state": "state", "sendbig_file.kind": "kind", "sendbig_file.audience": "audience",
    "sendbig_taken.kind": "kind",
}  # fmt: skip

_called = Vocabulary(WORDS, done=DONE, things=THINGS, fields=FIELDS, columns=VALUES)
word, choices, of_the_history = _called.word, _called.choices, _called.of_the_history
