"""Everything this room declares, loaded once at start."""

from registry.people import (  # noqa: F401
    addresses,
    counting,
    helping,
    invitations,
    listing,
    oidc,
    passkeys,
    recovery,
    service,
    signin,
)
