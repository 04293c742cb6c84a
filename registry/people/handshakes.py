"""What is begun in one browser and finished in the same one, once, within minutes: challenges and journeys."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from registry.kernel import clock
from registry.kernel.db import transaction
from registry.kernel.secrets import hash_token, vault
from registry.people.models import Handshake

LASTS = timedelta(minutes=5)


def begin_handshake(
    purpose: str,
    key: str,
    browser: str,
    *,
    user_id: int | None = None,
    lasts: timedelta = LASTS,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Expect `key` back from the browser whose cookie holds `browser`. `data` is kept sealed until then."""
    with transaction():
        Handshake.insert(
            purpose=purpose,
            hash=hash_token(key),
            browser=hash_token(browser),
            user=user_id,
            sealed=vault().seal(json.dumps(dict(data))) if data else None,
            expires_at=clock.now() + lasts,
        ).execute()


def finish_handshake(purpose: str, key: str, browser: str, *, user_id: int | None = None) -> dict[str, Any] | None:
    """The data kept under `key`; None for what was never begun, not here, by somebody else, too long ago, or is done.

    Of many at once one gets it.
    """
    whose = Handshake.user.is_null() if user_id is None else Handshake.user == user_id
    same = (Handshake.hash == hash_token(key)) & (Handshake.purpose == purpose) & whose
    same &= (Handshake.browser == hash_token(browser)) & (Handshake.expires_at > clock.now())
    with transaction():
        found = Handshake.get_or_none(same)
        if found is None or not Handshake.delete().where(Handshake.id == found.id).execute():
            return None
    return json.loads(vault().open(found.sealed)) if found.sealed else {}
