"""Licence keys: sealed at rest, shown only to who may see them, and every look leaves a trace."""

from typing import Any

from registry.actions import Action
from registry.kernel.access import Actor, fetch
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.language import _
from registry.kernel.secrets import vault
from registry.kernel.writing import note
from registry.licences.models import Licence

HINT = 4
LONGEST_WITHOUT_HINT = 8  # four characters of so short a key would be half of it


def sealed(key: str | None, current: Licence | None = None) -> dict[str, Any]:
    """The columns that keep `key`. Nothing changes when `current` holds the same key already."""
    if not key:
        return {"key_sealed": None, "key_hint": None}
    if current is not None and current.key_sealed and _opened(current.key_sealed) == key:
        return {}
    hint = key[-HINT:] if len(key) > LONGEST_WITHOUT_HINT else None
    return {"key_sealed": vault().seal(key), "key_hint": hint}


def reveal_key(actor: Actor, licence_id: int) -> str:
    """The key in clear, on record. Raises NotFound when none is stored, Conflict when it cannot be opened."""
    licence = fetch(Licence, actor, licence_id)
    actor.must("licence.key", licence.customer_id)
    if not licence.key_sealed:
        raise NotFound(_("No key is stored with this licence."))
    key = _opened(licence.key_sealed)
    if key is None:
        raise Conflict(
            _("This key was sealed with another secret. Restore that ASSETCARE_SECRET, or enter the key again."),
            code="sealed_elsewhere",
        )
    with transaction():
        note(actor, Action.LICENCE_KEY_SHOWN, licence)
    return key


def _opened(text: str) -> str | None:
    """None when it was sealed with a secret that this installation no longer has."""
    try:
        return vault().open(text)
    except ValueError:
        return None
