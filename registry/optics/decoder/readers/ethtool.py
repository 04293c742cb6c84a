"""`ethtool -m` as text: SFP (SFF-8472), QSFP (SFF-8636) and CMIS modules, one after the other."""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers import phrases
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.text import lines_of, number, switch
from registry.optics.decoder.records import Module

NAME = "ethtool -m"

_LINE = re.compile(r"^\s*([^:\s][^:]{0,80}?)\s*:\s?(.*)$")
COMMAND = re.compile(r"\bethtool\s+(?:(?:-j|--json)\s+)?(?:-m|--module-info|--dump-module-eeprom)\s+(\S{1,40})")
_CHANNEL = re.compile(r"\s*\(chan(?:nel)? (\d{1,2})\)$")
_KNOWN = re.compile(r"^ *Identifier *: *0x[0-9A-Fa-f]{2}\b", re.MULTILINE)
_IN_BRACKETS = re.compile(r"^0x[0-9A-Fa-f]{2}\s*\((.*)\)$")

WORDS = {
    "vendor name": "vendor",
    "vendor oui": "oui",
    "vendor pn": "part_number",
    "vendor rev": "revision",
    "vendor sn": "serial",
    "date code": "date_code",
    "connector": "connector",
}
STANDARDS = {"SFP": "SFF-8472", "QSFP": "SFF-8436", "QSFP+": "SFF-8636", "QSFP28": "SFF-8636"}
_MEDIA = {"transceiver type", "transmitter technology", "passive cu cmplnce.", "active cu cmplnce."}


def recognises(text: str) -> bool:
    return bool(_KNOWN.search(text)) and "Vendor" in text


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    port = ""
    for line in lines_of(text):
        command = COMMAND.search(line)
        if command is not None:
            port = command.group(1)
            continue
        found = _LINE.match(line)
        if found is None:
            continue
        key = " ".join(found.group(1).lower().split())
        if key == "identifier":
            drafts.append(Draft(port=port))
            port = ""
        if drafts:
            _take(drafts[-1], key, found.group(2).strip())
    return modules(drafts)


def _take(draft: Draft, key: str, shown: str) -> None:
    channel = _CHANNEL.search(key)
    lane = int(channel.group(1)) if channel else 1
    key = key[: channel.start()] if channel else key
    meant = phrases.phrase(key)
    if meant is not None:
        draft.fields["dom"] = True
        phrases.take(draft, meant, shown, lane)
    elif key in WORDS:
        draft.word(WORDS[key], unbracketed(shown))
    elif key in phrases.LANE_WORDS:
        _lanes(draft, phrases.LANE_WORDS[key], shown, lane if channel else 0)
    elif key in _MEDIA:
        described(draft, shown)
    else:
        _rest(draft, key, shown)


def _rest(draft: Draft, key: str, shown: str) -> None:
    if key == "identifier":
        identified(draft, unbracketed(shown))
    elif key == "revision compliance":
        revised(draft, shown)
    elif key == "optical diagnostics support" and switch(shown) is not None:
        draft.fields["dom"] = switch(shown)
    elif key == "laser wavelength":
        wavelength(draft, number(shown))
    elif key in ("br, nominal", "br nominal"):
        draft.megabaud = number(shown)


def unbracketed(shown: str) -> str:
    """0x07 (LC) -> LC."""
    found = _IN_BRACKETS.match(shown)
    return found.group(1) if found else shown


def identified(draft: Draft, shown: str) -> None:
    draft.word("form_factor", shown)
    form = draft.fields.get("form_factor", "")
    draft.fields["standard"] = STANDARDS.get(form, "CMIS" if form else "")


def revised(draft: Draft, shown: str) -> None:
    """CMIS modules say which revision they follow; what SFF modules say there names no standard."""
    found = re.search(r"\d{1,2}\.\d{1,2}", shown[:80])
    if found and draft.fields.get("standard") == "CMIS":
        draft.fields["standard"] = f"CMIS {found.group()}"


def described(draft: Draft, shown: str) -> None:
    """A type or a technology: a cable once is a cable for good."""
    media = naming.media(shown)
    if media and draft.fields.get("media", "optical") in ("optical", ""):
        draft.fields["media"] = media
        if "copper" in media:
            draft.fields.pop("wavelength_nm", None)


def wavelength(draft: Draft, nanometres: float | None) -> None:
    """In nanometres; a copper cable has none, whatever stands in its place."""
    if nanometres and "copper" not in draft.fields.get("media", ""):
        draft.fields["wavelength_nm"] = nanometres
        if not 200 <= nanometres <= 2000:
            draft.findings.append("wavelength_implausible")


def _lanes(draft: Draft, name: str, shown: str, lane: int) -> None:
    """Yes, None, or a list with one word for each lane: [ Yes, No, No, No ]."""
    said = [switch(word) for word in shown.strip("[] ").split(",")[:16]]
    if lane or len(said) > 1:
        for at, on in enumerate(said, start=lane or 1):
            draft.lane(at, **{name: on})
    elif said[0] is not None:
        draft.every_lane[name] = said[0]
