"""What this installation is at its identity provider, and what goes wrong there."""

from dataclasses import dataclass


class ProviderError(Exception):
    """The provider cannot be reached, or what it says cannot be believed. The text is for the log alone."""


@dataclass(frozen=True, slots=True)
class Client:
    """`redirect`: where the provider sends people back to."""

    issuer: str
    client_id: str
    client_secret: str
    redirect: str
