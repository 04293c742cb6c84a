"""The certificate of an erasure: what went, counted, and signed so that anybody can check it without this house."""

import hashlib
from typing import Any

import orjson

from registry import __version__
from registry.handover.models import Erasure
from registry.handover.values import plain
from registry.kernel import clock, signing
from registry.kernel.db import is_sqlite

FORMAT = 1


def mark_of(salt: str, slug: str) -> str:
    """Whoever knows the short name can tell that the certificate is about him; nobody learns it from there."""
    return hashlib.sha256(f"{salt} {slug}".encode()).hexdigest()


def body_of(erasure: Erasure) -> dict[str, Any]:
    conditions: dict[str, Any] = erasure.conditions
    counts: dict[str, int] = dict(sorted(erasure.counts.items()))
    return {
        "certificate": "erasure",
        "format": FORMAT,
        "number": erasure.number,
        "issued_by": {"product": "assetcare", "version": __version__, "public_key": signing.public_key()},
        "customer": {"former_id": erasure.former_id, "salt": erasure.salt, "sha256_of_salt_and_slug": erasure.mark},
        "requested_by": erasure.requested_by,
        "requested_at": plain(erasure.requested_at),
        "finished_at": plain(clock.now()),
        "erased": {
            "rows": {table: count for table, count in counts.items() if not table.startswith("~")},
            "accounts": counts.get("app_user", 0),
            "files": counts.get("~files", 0),
            "letters": counts.get("~letters", 0),
            "waiting_jobs": counts.get("~jobs", 0),
        },
        "audit_chain": conditions["chain"],
        "settled_before": conditions["settled"],
        "rewritten": _rewritten(conditions["scrub"]),
        "remains": _remains(erasure, conditions),
    }


def _rewritten(scrub: bool) -> str:
    if not scrub:
        return "No: deleted rows can be read from the files of the database until their space is used again."
    engine = "search index, database file and write-ahead log" if is_sqlite() else "each table, with VACUUM FULL"
    return f"Yes: {engine}."


def _remains(erasure: Erasure, conditions: dict[str, Any]) -> list[str]:
    """What this program cannot erase, said plainly."""
    found = [
        "This certificate and one entry in the house's audit chain, with numbers and no names.",
        "Backups, logs, replicas and archived write-ahead logs: they end as their own retention says.",
        "Mails that were sent, wherever they arrived. Those in this installation's own folder about him are gone.",
        "The customer's own packages and exports, wherever they were taken.",
    ]
    if conditions["copies"]:
        found.append(f"{conditions['copies']} copies of the database from before upgrades, beside it.")
    if "unreadable_files" in conditions:
        count = conditions["unreadable_files"] or "Some"
        found.append(
            f"{count} encrypted files that the file store would not delete. The key to them is destroyed: nobody can "
            "read them. Delete them in the store by hand, their names begin with "
            f"customer/{erasure.former_id}/ and incoming/customer.{erasure.former_id}."
        )
    if conditions["house_entries"]:
        found.append(
            f"{conditions['house_entries']} entries of the house's audit chain, written by an earlier version, "
            "that name people of the customer."
        )
    return found


def sealed(erasure: Erasure) -> tuple[str, str]:
    """(the certificate as it was signed, the signature)."""
    data = orjson.dumps(body_of(erasure), option=orjson.OPT_INDENT_2)
    return data.decode(), signing.sign(data)


def genuine(text: str, signature: str, key: str | None = None) -> bool:
    """Whether the certificate is what was signed, by `key` or by the one that it names."""
    named = orjson.loads(text)["issued_by"]["public_key"]
    return signing.genuine(text.encode(), signature, key or named)


def as_text(erasure: Erasure) -> str:
    """For people, to be printed."""
    body: dict[str, Any] = orjson.loads(str(erasure.certificate))
    rows = "\n".join(f"  {table:<28}{count:>10}" for table, count in body["erased"]["rows"].items())
    more = "\n".join(f"  {name.replace('_', ' '):<28}{body['erased'][name]:>10}"
                     for name in ("accounts", "files", "letters", "waiting_jobs"))  # fmt: skip
    settled = "\n".join(f"  {name.replace('_', ' ')}: {value}" for name, value in body["settled_before"].items())
    remains = "\n".join(f"  - {text}" for text in body["remains"])
    chain = body["audit_chain"]
    return (
        f"CERTIFICATE OF ERASURE {body['number']}\n\n"
        f"Everything about the former customer {body['customer']['former_id']} was erased.\n"
        f"Requested by {body['requested_by']} at {body['requested_at']}, finished at {body['finished_at']}.\n"
        f"SHA-256 of {body['customer']['salt']!r}, a blank and his short name: "
        f"{body['customer']['sha256_of_salt_and_slug']}\n\n"
        f"Rows erased:\n{rows}\n\nBesides:\n{more}\n\n"
        f"His audit chain had {chain['length']} entries and ended with {chain['head']}.\n\n"
        f"Settled before:\n{settled}\n\nFiles of the database rewritten? {body['rewritten']}\n\n"
        f"What remains:\n{remains}\n\n"
        f"Signature (Ed25519, over the JSON form of this certificate): {erasure.signature}\n"
        f"Public key: {body['issued_by']['public_key']}\n"
    )
