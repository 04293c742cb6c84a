"""What the three standards have in common: texts, powers, limits, flags, sums."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from registry.optics.decoder import naming
from registry.optics.decoder.fields import Field
from registry.optics.decoder.memory import HALF
from registry.optics.decoder.records import Checksum, Lane, Limits

SHORTEST_NM, LONGEST_NM = 600, 1700  # what lasers of modules emit: from 650 nm (plastic fibre) to beyond the L band
_SHORT_DATE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})(.{0,2})")
_PADDING = b"\x00\xff \t\r\n"


class Findings(list[str]):
    """Codes of what is odd about a memory, each once."""

    def add(self, code: str) -> None:
        if code not in self:
            self.append(code)


def text_of(raw: bytes | None, findings: Findings) -> str:
    """A padded text. Bytes that are no letters are a finding; each becomes a question mark, so nothing is taken off."""
    kept = (raw or b"").strip(_PADDING)
    if kept.isascii() and (shown := kept.decode("ascii")).isprintable():
        return naming.clean(shown)
    findings.add("text_unreadable")
    return naming.clean("".join(chr(byte) if 32 <= byte < 127 else "?" for byte in kept))


def revision_of(raw: bytes | None) -> str:
    """A vendor's revision: text, or its bytes in hexadecimal where the vendor keeps a number in them."""
    kept = (raw or b"").strip(_PADDING)
    shown = kept.decode("latin-1")
    return naming.clean(shown) if kept.isascii() and shown.isprintable() else f"0x{kept.hex()}"


def identity(values: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """The fields that say which module it is, by their names in a Module."""
    oui = values["oui"]
    return {
        "vendor": text_of(values["vendor"], findings),
        "oui": oui.hex(":") if oui else "",
        "part_number": text_of(values["part_number"], findings),
        "revision": revision_of(values["revision"]),
        "serial": text_of(values["serial"], findings),
        "date_code": date_of(text_of(values["date_code"], findings)),
    }


def date_of(text: str) -> str:
    """The date code of a memory: YYMMDD, and the lot in two characters behind, which may be digits too. It becomes
    YYYY-MM-DD and the lot; what is no date stays as it is."""
    found = _SHORT_DATE.fullmatch(text)
    if found is None:
        return text
    year, month, day, lot = found.groups()
    try:
        made = date(2000 + int(year), int(month), int(day))
    except ValueError:
        return text
    return f"{made.isoformat()} {lot.strip()}".strip()


def dbm(microwatts: float) -> float | None:
    """dBm of a power in microwatts; None for none."""
    return round(10 * math.log10(microwatts / 1000), 3) if microwatts > 0 else None


def limits(values: Mapping[str, Any], bias_scale: int | None = 1) -> dict[str, Limits]:
    """The thresholds that were read, by parameter; four values each, in the order in which all three standards keep
    them: high alarm, low alarm, high warning, low warning."""
    found: dict[str, Limits] = {}
    for parameter, name in (("temperature_c", "temperature"), ("voltage_v", "voltage"), ("tx_bias_ma", "bias"),
                            ("tx_power_dbm", "tx_power"), ("rx_power_dbm", "rx_power")):  # fmt: skip
        four = values[f"{name}_limits"]
        if four is None or (parameter == "tx_bias_ma" and bias_scale is None):
            continue
        if parameter.endswith("dbm"):
            four = [dbm(value) for value in four]
        elif parameter == "tx_bias_ma":
            four = [round(value * (bias_scale or 1), 4) for value in four]
        else:
            four = [round(value, 4) for value in four]
        found[parameter] = Limits(high_alarm=four[0], high_warning=four[2], low_warning=four[3], low_alarm=four[1])
    return found


def raised(high_alarm: int, low_alarm: int, high_warning: int, low_warning: int, findings: Findings) -> str | None:
    """What four flags say of a parameter; None where they say high and low at once."""
    if (high_alarm or high_warning) and (low_alarm or low_warning):
        findings.add("flags_contradictory")
        return None
    if high_alarm or low_alarm:
        return "high_alarm" if high_alarm else "low_alarm"
    if high_warning or low_warning:
        return "high_warning" if high_warning else "low_warning"
    return "ok"


def nibble(bits: int, findings: Findings) -> str | None:
    """The same of half a byte: high alarm, low alarm, high warning, low warning from its highest bit on."""
    return raised(bits & 8, bits & 4, bits & 2, bits & 1, findings)


def said(flags: Mapping[str, str | None]) -> dict[str, str]:
    """Without what the module contradicts itself about."""
    return {name: state for name, state in flags.items() if state is not None}


def lane(number: int, bias: float | None, tx: float | None, rx: float | None, **states: bool | None) -> Lane:
    """A lane of its bias in mA and its powers in microwatts; None is what is not measured. No light is `dark`."""
    powers = {"tx_power_dbm": tx, "rx_power_dbm": rx}
    dark = frozenset(name for name, power in powers.items() if power is not None and power <= 0)
    return Lane(
        number,
        None if bias is None else round(bias, 4),
        None if tx is None else dbm(tx),
        None if rx is None else dbm(rx),
        frozenset() if states.get("in_use") is False else dark,
        **states,
    )


def checksum(
    pages: Mapping[str, bytes], stored: Field, first: int, name: str, findings: Findings
) -> tuple[Checksum, ...]:
    """The sum of the bytes from `first` to the one before the stored sum; nothing where they were not read."""
    page, base = pages.get(stored.page, b""), stored.start - stored.first
    if len(page) < stored.stop:
        findings.add("checksum_missing")
        return ()
    found = Checksum(name, page[stored.start], sum(page[first + base : stored.start]) & 0xFF)
    if not found.ok:
        findings.add("page_blank" if _blank(page) else "memory_altered")
    return (found,)


def _blank(page: bytes) -> bool:
    return page.count(page[0]) == len(page)


def blank(page: bytes | None) -> bool:
    """Whether nothing was ever written there: all bytes are 00h, or all FFh."""
    return bool(page) and page is not None and page[0] in (0, 0xFF) and _blank(page)


def readable(pages: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the upper pages that hold FFh alone: so reads what nobody answers."""
    return {name: page for name, page in pages.items() if name == "00" or not (blank(page) and page[0])}


def wavelength(nanometres: float | None, findings: Findings) -> float | None:
    """The wavelength of light; None where there is none or it can be none."""
    if not nanometres:
        return None
    if not SHORTEST_NM <= nanometres <= LONGEST_NM:
        findings.add("wavelength_implausible")
        return None
    return round(float(nanometres), 3)


def note_gaps(pages: Mapping[str, bytes], needed: Sequence[tuple[str, int]], findings: Findings) -> None:
    """Whether a page ends before all of it could be read. `needed`: names, and bytes that each should have."""
    if any(len(pages.get(name, b"")) < length for name, length in needed):
        findings.add("truncated")
    if any(len(page) < HALF for name, page in pages.items() if name not in ("A0", "A2")):
        findings.add("truncated")


def details(values: Mapping[str, Any], *names: str, **others: Any) -> dict[str, Any]:
    """What has no place of its own in a Module: fields by name, and others; without what is nothing."""
    found = {name: values[name] for name in names} | others
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items() if value}
