"""Forms of the pages, and what of them the verbs take."""

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from registry.sdk import N_, Flag, Line, Prose, Shape, Whole, _
from registry_sendbig.preferences import GB

BY_HAND = N_("Link to hand over")
MOST_DOWNLOADS, LONGEST_PASSWORD = 10_000, 255


class TransferForm(Shape):
    title = Line(required=True, min=1, max=255)
    message = Prose(max=5000, load_default="")
    recipients = Prose(max=20_000, load_default="")
    by_hand = Flag(load_default=False)
    expires_in_days = Whole(1, 3650, allow_none=True)
    most_downloads = Whole(1, MOST_DOWNLOADS, allow_none=True)
    password = Line(max=LONGEST_PASSWORD, load_default="")
    no_password = Flag(load_default=False)
    party = Line(max=255, load_default="")


class RequestForm(Shape):
    title = Line(required=True, min=1, max=255)
    message = Prose(max=5000, load_default="")
    email = Line(max=255, load_default="")
    expires_in_days = Whole(1, 3650, allow_none=True)
    most_gb = Whole(1, 1_000_000, allow_none=True)
    most_files = Whole(1, 100_000, allow_none=True)
    password = Line(max=LONGEST_PASSWORD, load_default="")


class RecipientForm(Shape):
    email = Line(max=255, load_default="")
    name = Line(max=255, load_default="")


class LongerForm(Shape):
    expires_in_days = Whole(1, 3650, allow_none=True)
    most_downloads = Whole(1, MOST_DOWNLOADS, allow_none=True)


def addressed(text: str, *, by_hand: bool) -> list[dict[str, str]]:
    """One address on a line, with a name or without: ann@example.com, or Ann Lee <ann@example.com>."""
    found = []
    for line in filter(None, (each.strip(" \t,;") for each in text.replace(";", "\n").splitlines())):
        name, email = parseaddr(line) if "<" in line else ("", line)
        found.append({"email": email or line, "name": name})
    return [*found, *([{"email": "", "name": _(BY_HAND)}] if by_hand else [])]


def new_transfer(values: Mapping[str, Any]) -> dict[str, Any]:
    """What transfers.draft() takes."""
    plain = {name: value for name, value in values.items() if name not in ("recipients", "by_hand", "no_password")}
    return {**plain, "recipients": addressed(values["recipients"], by_hand=values["by_hand"])}


def changes(values: Mapping[str, Any]) -> dict[str, Any]:
    """What transfers.change() takes: a password left empty stays what it was."""
    left_out = {"recipients", "by_hand", "no_password"} | ({"password"} if not values.get("password") else set())
    found = {name: value for name, value in values.items() if name not in left_out}
    return {**found, "password": ""} if values.get("no_password") else found


def new_request(values: Mapping[str, Any]) -> dict[str, Any]:
    """What asking.create() takes."""
    most = values.get("most_gb")
    plain = {name: value for name, value in values.items() if name != "most_gb"}
    return {**plain, "most_bytes": most * GB if most else None}
