"""Readings as they are brought: from files of any kind that is understood, and from items of JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.optics.decoder.errors import Unreadable
from registry.optics.decoder.naming import date_code
from registry.optics.decoder.reading import modules_of, modules_of_text, text_of
from registry.optics.decoder.records import PARAMETERS, PER_LANE, Checksum, Lane, Limits, Module, Port

IDENTITY = ("form_factor", "standard", "vendor", "oui", "part_number", "revision", "serial", "date_code", "connector")
FLAGGED = ("ok", "low_alarm", "low_warning", "high_warning", "high_alarm")
MOST = 10_000  # modules of one upload


@dataclass(frozen=True, slots=True)
class Given:
    """One module at one time. `host`: the switch or server it is in; `asset`: whoever brings it says which it is."""

    module: Module
    at: datetime | None = None
    host: str = ""
    asset: int | str | None = None


def from_bytes(data: bytes) -> list[Given]:
    """What a file tells: an image, a dump, what a command prints, or JSON as `assetcare optics decode --json` has it.

    Raises Invalid that names the field `file` and says what was expected.
    """
    text = text_of(data) if data.strip() else None
    if text is not None and (items := _own_json(text)) is not None:
        return from_items(items)
    try:
        return [Given(module) for module in modules_of(data)]
    except Unreadable as error:
        raise Invalid.field("file", error.said()) from None


def from_text(text: str) -> list[Given]:
    """The same of a text. Raises Invalid that names the field `text`."""
    try:
        return [Given(module) for module in modules_of_text(text)]
    except Unreadable as error:
        raise Invalid.field("text", error.said()) from None


def _own_json(text: str) -> list[dict[str, Any]] | None:
    """Items of a file in our own form, checked like those of the API; None if it is something else."""
    from registry.optics.schemas import ReadingIn

    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    found = found["items"] if isinstance(found, dict) and isinstance(found.get("items"), list) else found
    ours = isinstance(found, list) and all(isinstance(one, dict) and "readings" in one for one in found)
    if not ours or not found:
        return None
    problems = ReadingIn(many=True).validate(found)
    if problems:
        raise Invalid(_("Nothing was stored: some items cannot be accepted."), errors={"items": problems})
    return list(ReadingIn(many=True).load(found))  # type: ignore[arg-type]


def from_items(items: Sequence[Mapping[str, Any]]) -> list[Given]:
    """Items as ReadingIn gives them. Raises Invalid with errors by item number."""
    problems: dict[str, Any] = {}
    found = []
    for number, item in enumerate(items):
        try:
            found.append(_given(item))
        except Unreadable as error:
            problems[str(number)] = {"memory": [error.said()]}
    if problems:
        raise Invalid(_("Nothing was stored: some items cannot be accepted."), errors={"items": problems})
    return found


def _given(item: Mapping[str, Any]) -> Given:
    if item.get("memory"):
        read = modules_of(bytes.fromhex(item["memory"]))[0]
        read = replace(read, port=_port(item, read.port.name))
        module = _measured(item, read) if item.get("readings") else read
    else:
        module = _measured(item, _described(item))
    return Given(module, item.get("at"), item.get("host", ""), item.get("asset"))


def _port(item: Mapping[str, Any], name: str = "") -> Port:
    return Port(item.get("port") or name, item.get("admin_up"), item.get("oper_up"))


def _described(item: Mapping[str, Any]) -> Module:
    identity: dict[str, Any] = {name: item.get(name) or "" for name in IDENTITY}
    identity["date_code"] = date_code(identity["date_code"])
    return Module(
        port=_port(item),
        **identity,
        wavelength_nm=item.get("wavelength_nm"),
        media=item.get("media") or "",
        dom=item.get("dom"),
        cable_end=item.get("cable_end") or "",
        findings=tuple(item.get("findings") or ()),
        checksums=tuple(Checksum(one["name"], one["stored"], one["computed"]) for one in item.get("checksums") or ()),
    )


def _measured(item: Mapping[str, Any], module: Module) -> Module:
    readings, states = item.get("readings") or {}, item.get("states") or {}
    limits = {
        name: Limits(**one) for name, one in (item.get("thresholds") or {}).items()
        if name.rpartition(".")[2] in PARAMETERS
    }  # fmt: skip
    return replace(
        module,
        temperature_c=readings.get("temperature_c"),
        voltage_v=readings.get("voltage_v"),
        lanes=tuple(_lane(one, states) for one in readings.get("lanes") or ()),
        limits=module.limits or limits,  # a memory's own are its own, whatever stands beside it
        flags={key: state for key, state in (item.get("flags") or {}).items() if state in FLAGGED},
    )


def _lane(one: Mapping[str, Any], states: Mapping[str, str]) -> Lane:
    dark = frozenset(
        name for name in PER_LANE
        if one.get(name) is None and states.get(f"{one['lane']}.{name}") == "dark"
    )  # fmt: skip
    known = {name: value for name, value in one.items() if value is not None}
    if "tx_bias_ma" in known and states.get(f"{one['lane']}.tx_bias_ma") == "not_reported":
        known.setdefault("in_use", False)  # so showing.py tells of a lane that is not in use
    return Lane(**known, dark=frozenset() if known.get("in_use") is False else dark)
