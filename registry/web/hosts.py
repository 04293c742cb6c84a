"""Names that this installation answers to, so that no forged Host gets into a link."""

import re
from urllib.parse import urlsplit

import flask

from registry.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_NUMBER = re.compile(r"(\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.I)


def trusted_hosts(settings: Settings) -> list[str] | None:
    """Without a public address: loopback only, or None (any) when it listens elsewhere."""
    public = urlsplit(settings.public_url).hostname
    named = [*settings.trusted_hosts, *([f"[{public}]" if ":" in public else public] if public else [])]
    alone = settings.host in ("localhost", "127.0.0.1", "::1")
    return [*named, *LOOPBACK] if named or alone else None


class Request(flask.Request):
    """Werkzeug compares names up to the first colon, so that no IPv6 address in the list is ever found: we look."""

    _trusted: list[str] | None = None

    @property
    def trusted_hosts(self) -> list[str] | None:
        number = _NUMBER.fullmatch(self.headers.get("Host", ""))
        return None if number and number[1].lower() in (self._trusted or ()) else self._trusted

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: list[str] | None) -> None:
        self._trusted = hosts
