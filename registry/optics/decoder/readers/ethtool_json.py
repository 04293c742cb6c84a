"""`ethtool -j -m`. Its objects repeat keys (version 6.14): first the reading, later its thresholds, under one name.

Later versions call readings `..._measurement`, and those of SFP modules laser_tx_bias_current and
transmit_avg_optical_power. Both are read. Power is in milliwatts.
"""

from collections.abc import Iterable
from typing import Any

from registry.optics.decoder.naming import dbm
from registry.optics.decoder.readers import phrases
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import COMMAND, WORDS, described, identified, revised, wavelength
from registry.optics.decoder.readers.text import JSON_START, Measure, documents, number, switch
from registry.optics.decoder.records import Module

NAME = "ethtool --json -m"

Pairs = tuple[tuple[str, Any], ...]  # an object as it is written, repeated keys and all


def recognises(text: str) -> bool:
    return '"identifier"' in text and ('"vendor_' in text or '"module_' in text) and bool(JSON_START.search(text))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    for document, before in documents(text, tuple):
        command = COMMAND.findall(before)
        for pairs in _objects(document):
            draft = Draft(port=command[-1] if command else "")
            _module(draft, pairs)
            drafts.append(draft)
    return modules(drafts)


def _objects(document: Any) -> Iterable[Pairs]:
    """The objects of a document: itself, or those in its list."""
    if _is_object(document):
        yield document
    elif isinstance(document, list):
        yield from (item for item in document if _is_object(item))


def _is_object(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value)


def _module(draft: Draft, pairs: Pairs) -> None:
    for key, value in pairs:
        words = key.replace("_", " ").lower().removesuffix(" description")
        if key.endswith("_description") or not _is_raw(key, pairs):
            _say(draft, words, value)
    for key, value in pairs:
        _measure(draft, key.replace("_", " ").lower(), value)


def _is_raw(key: str, pairs: Pairs) -> bool:
    """Whether a number is explained by a `..._description` beside it."""
    return any(other == f"{key}_description" for other, _ in pairs)


def _say(draft: Draft, words: str, value: Any) -> None:
    if words == "vendor oui" and isinstance(value, list):
        value = "".join(f"{part:02x}" for part in value if isinstance(part, int) and 0 <= part < 256)
    if words == "revision compliance" and _is_object(value):
        value = ".".join(str(part) for _, part in value)  # major and minor
    shown = value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
    if words in WORDS:
        draft.word(WORDS[words], shown)
    elif words == "identifier":
        identified(draft, shown)
    elif words == "revision compliance":
        revised(draft, shown)
    elif words in ("transceiver type", "transmitter technology"):
        described(draft, shown)
    elif words in ("br, nominal", "br nominal"):
        draft.megabaud = number(shown)
    elif words == "laser wavelength" and isinstance(value, int | float):
        wavelength(draft, float(value))
    elif words == "optical diagnostics support" and isinstance(value, bool):
        draft.fields["dom"] = value


def _measure(draft: Draft, words: str, value: Any) -> None:
    if words in phrases.LANE_WORDS:
        _lanes(draft, phrases.LANE_WORDS[words], value)
        return
    meant = phrases.phrase(words)
    if meant is None:
        return
    if _is_object(value) and value:
        _object(draft, meant, dict(value))
    elif meant.step:
        for lane, on in enumerate(_each(value), start=1):
            phrases.raised(draft, meant, _switched(on), lane)
    else:
        _readings(draft, meant, value)


def _object(draft: Draft, meant: phrases.Phrase, said: dict[str, Any]) -> None:
    """Either thresholds, or readings with their type beside them."""
    for step in ("high_alarm", "low_alarm", "high_warning", "low_warning"):
        value = said.get(f"{step}_threshold")
        if isinstance(value, int | float) and not isinstance(value, bool):
            draft.limit(meant.parameter, step, _measured(meant, value).value)
    _readings(draft, meant, said.get("values", said.get("value")))


def _readings(draft: Draft, meant: phrases.Phrase, value: Any) -> None:
    for lane, one in enumerate(_each(value), start=1):
        if isinstance(one, int | float) and not isinstance(one, bool):
            draft.fields["dom"] = True
            draft.read(meant.parameter, _measured(meant, one), lane)


def _measured(meant: phrases.Phrase, value: float) -> Measure:
    if not -1e9 < value < 1e9:
        return Measure()
    return Measure(dbm(value), dark=value <= 0) if meant.parameter.endswith("_dbm") else Measure(float(value))


def _lanes(draft: Draft, name: str, value: Any) -> None:
    if isinstance(value, list):
        for lane, on in enumerate(value, start=1):
            draft.lane(lane, **{name: _switched(on)})
    elif _switched(value) is not None:
        draft.every_lane[name] = _switched(value)


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _switched(value: Any) -> bool | None:
    return value if isinstance(value, bool) else switch(value) if isinstance(value, str) else None
