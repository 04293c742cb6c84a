"""SONiC `show interfaces transceiver eeprom [--dom]` and `sfputil show eeprom [-d]`."""

import re

from registry.optics.decoder import naming
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.ethtool import described
from registry.optics.decoder.readers.text import Measure, lines_of, measure, number, power
from registry.optics.decoder.records import Module

NAME = "show interfaces transceiver eeprom --dom (SONiC)"

_PORT = re.compile(r"^\s{0,3}(\S{1,40}?) ?:\s*SFP EEPROM\s+(?:is\s+)?(not\s+)?(?:detected|applicable)", re.IGNORECASE)
_OTHER = re.compile(r"^ {0,3}Ethernet[\d/]{1,20}:\s*$|^\S+[@:]\S*[$#] ")
_PAIR = re.compile(r"^\s*([^:\s][^:]{0,60}?)\s*:\s*(\S.*)$")
_LANE = re.compile(r"^(RX|TX)(\d{0,2})(Power|Bias)$", re.IGNORECASE)
_LIMIT = re.compile(r"^(Rx|Tx|Temp|Vcc)(Power|Bias)?(High|Low)(Alarm|Warning)$", re.IGNORECASE)
_WORDS = {
    "vendor name": "vendor", "vendor oui": "oui", "vendor pn": "part_number", "vendor rev": "revision",
    "vendor sn": "serial", "vendor date code(yyyy-mm-dd lot)": "date_code", "connector": "connector",
}  # fmt: skip
_MEDIA = {
    "specification compliance", "extended specification compliance", "application advertisement",
    "media interface technology", "10/40g ethernet compliance code", "extended specification compliance code",
}  # fmt: skip
_WHOLE = {"temperature": "temperature_c", "vcc": "voltage_v", "temp": "temperature_c"}


def recognises(text: str) -> bool:
    return "SFP EEPROM" in text and bool(re.search(r":\s*SFP EEPROM\s+(?:is\s+)?(?:not\s+)?\w", text, re.IGNORECASE))


def read(text: str) -> list[Module]:
    drafts: list[Draft] = []
    other = False
    for line in lines_of(text):
        if found := _PORT.match(line):
            drafts.append(Draft(port=found.group(1)))
            other = False
        elif _OTHER.match(line):
            other = True  # what another command says, of a port that need not be the last one
        elif drafts and not other and (found := _PAIR.match(line)):
            _say(drafts[-1], found.group(1), found.group(2))
    return modules(drafts)


def _say(draft: Draft, key: str, shown: str) -> None:
    low = key.lower()
    if low in _WORDS:
        draft.word(_WORDS[low], shown)
    elif low in _MEDIA:
        described(draft, shown)
        if low == "application advertisement" and naming.clean(shown):
            draft.fields["applications"] = (naming.clean(shown),)
    elif low in ("identifier", "revision compliance", "cmis revision", "cmis rev"):
        _standard(draft, low, shown)
    elif low == "nominal bit rate(100mbs)":
        draft.megabaud = (number(shown) or 0) * 100
    elif low == "media lane count":
        draft.lane_count = int(number(shown) or 0)
    elif low in _WHOLE:
        _read(draft, _WHOLE[low], Measure(number(shown)), 1)
    elif found := _LANE.match(key):
        parameter = "tx_bias_ma" if found.group(3).lower() == "bias" else f"{found.group(1).lower()}_power_dbm"
        _read(draft, parameter, _measured(parameter, shown), int(found.group(2) or 1))
    elif found := _LIMIT.match(key):
        _limit(draft, found, shown)


def _standard(draft: Draft, key: str, shown: str) -> None:
    if key == "identifier":
        draft.word("form_factor", shown)
    elif re.fullmatch(r"[3-5]\.\d", shown.strip()):
        draft.fields["standard"] = f"CMIS {shown.strip()}"


def _measured(parameter: str, shown: str) -> Measure:
    """Power is in dBm; some versions say milliwatts."""
    if parameter.endswith("_dbm") and shown.strip().lower().endswith("mw"):
        return power(shown)
    return measure(shown)


def _read(draft: Draft, parameter: str, measured: Measure, lane: int) -> None:
    draft.read(parameter, measured, lane)
    if measured.reported:
        draft.fields["dom"] = True


def _limit(draft: Draft, found: re.Match[str], shown: str) -> None:
    what, kind, side, step = (part.lower() if part else "" for part in found.groups())
    parameter = _WHOLE.get(what) or ("tx_bias_ma" if kind == "bias" else f"{what}_power_dbm")
    if shown.lstrip().lower().startswith("-inf"):
        draft.limits.setdefault(parameter, {})  # 0 mW: given, but no limit
    value = _measured(parameter, shown).value
    if value is None and number(shown) == 0:
        draft.limits.setdefault(parameter, {})
    draft.limit(parameter, f"{side}_{step}", value)
