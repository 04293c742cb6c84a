"""Names and codes of modules, as makers write them and as they are kept: the same for memories and printed texts."""

import math
import re
from datetime import date

_NOTHING = {"", "-", "--", "n/a", "na", "none", "unknown", "unavailable", "not available", "unspecified"}
_CABLE_END = re.compile(r"\S[-_]([12AB])$", re.IGNORECASE)
_SHORT_DATE = re.compile(r"(\d\d)[-/]?(\d\d)[-/]?(\d\d)(?:\s*([0-9A-Za-z]{1,2}))?$")
_LONG_DATE = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?:\s+([0-9A-Za-z]{1,2}))?$")

_FORMS = (  # the first that fits; the longest first
    ("QSFP-DD", r"QSFP-?DD\d*|QDD\b"),
    ("QSFP112", r"QSFP112"),
    ("QSFP56", r"QSFP56"),
    ("QSFP28", r"QSFP28|QSFP-?100G|QSFP 100G"),
    ("QSFP+", r"QSFP\+|QSFP or QSFP\+|QSFP-?40G|QSFP 40G"),
    ("QSFP", r"QSFP\b"),
    ("OSFP", r"OSFP"),
    ("SFP-DD", r"SFP-?DD\b"),
    ("DSFP", r"DSFP\b"),
    ("CFP8", r"CFP8"),
    ("CFP4", r"CFP4"),
    ("CFP2", r"CFP2"),
    ("CFP", r"CFP\b"),
    ("CPAK", r"CPAK\b"),
    ("CXP", r"CXP\b"),
    ("XFP", r"XFP\b"),
    ("SFP56", r"SFP56"),
    ("SFP/SFP+/SFP28", r"SFP/SFP\+/SFP28"),
    ("SFP28", r"SFP28|SFP-?25G|SFP 25G"),
    ("SFP+", r"SFP\+|SFP-?10G|SFP 10G|SFP or SFP\+"),
    ("SFP", r"SFP\b|1G-"),
)
_SFPS = {"SFP", "SFP/SFP+/SFP28"}  # what the identifier tells, which is the same for all of them
_RATES = ((24_000, "SFP28"), (9_800, "SFP+"), (1, "SFP"))  # MBd
_FORM_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FORMS)


def clean(text: str) -> str:
    """A field without its padding of blanks and NULs; "" where it says that there is nothing."""
    kept = " ".join("".join(sign if sign.isprintable() else " " for sign in text[:200]).split())
    return "" if kept.lower() in _NOTHING else kept


def oui(text: str) -> str:
    """00:17:6a, whichever way three bytes are written: 00-17-6A, 00.17.6a, 0x00176a, [0, 23, 106] joined; else ""."""
    digits = re.sub(r"[^0-9a-f]", "", text[:40].lower().replace("0x", ""))
    return ":".join(digits[at : at + 2] for at in (0, 2, 4)) if len(digits) == 6 else ""


def date_code(text: str) -> str:
    """YYYY-MM-DD and the lot after a blank where there is one; what is no date stays as it is printed."""
    shown = clean(text.rstrip("_ "))  # a lot that was left open
    for pattern, century in ((_LONG_DATE, 0), (_SHORT_DATE, 2000)):
        found = pattern.match(shown)
        if found is None:
            continue
        year, month, day = (int(part) for part in found.group(1, 2, 3))
        try:
            made = date(century + year, month, day)
        except ValueError:
            continue
        return f"{made.isoformat()} {found.group(4)}" if found.group(4) else made.isoformat()
    return shown


def made_on(told: str) -> str:
    """The other way round: what date_code() tells, as the six digits and the lot that a memory has; else as it is."""
    found = _LONG_DATE.match(told)
    return "".join((found.group(1)[2:], found.group(2), found.group(3), found.group(4) or "")) if found else told


def form_factor(text: str) -> str:
    """SFP, SFP+, QSFP28, QSFP-DD ... of an identifier, a type or a product name; "" where none is named."""
    return next((name for name, pattern in _FORM_PATTERNS if pattern.search(text[:200])), "")


def sfp_of(form: str, megabaud: float | None) -> str:
    """SFP, SFP+ or SFP28 by its rate, where only its identifier is known; every other form as it is."""
    if form not in _SFPS or not megabaud:
        return form
    return next((name for least, name in _RATES if megabaud >= least), form)


def cable_end(serial: str) -> str:
    """The end of a cable that its serial number names (1, 2, A, B); "" where it names none. For cables only."""
    found = _CABLE_END.search(serial[-64:])
    return found.group(1).upper() if found else ""


def media(text: str) -> str:
    """copper, active_copper, active_optical or optical, of a type or technology as printed; "" where it is not said."""
    low = text[:300].lower()
    if re.search(
        r"copper|twinax|dac(?![a-z])|\bcr\d?\b|base-?(t|cr\d?|cx\d?)\b|\dcr\d?\b|-[ch]?cu-?\d|\bpassive cu\b|"
        r"\bcab-[a-z]",
        low,
    ):
        return "active_copper" if "active" in low and "passive" not in low else "copper"
    if re.search(r"\baoc|active optical", low):
        return "active_optical"
    return (
        "optical"
        if re.search(
            r"base-?(sx|lx|zx|bx)|[-_+ e\d]([cex]?sr|p?lrl?|ir|er|zrp?|fr|dr|psm|cwdm|lrm)\d?\b|vcsel|\bdfb\b|\beml\b|"
            r"dwdm|\b[sm]m_media|\blaser\b",
            low,
        )
        else ""
    )


def dbm(milliwatts: float) -> float | None:
    """Decibels above one milliwatt; None where there is no light, of which there is no logarithm."""
    return 10 * math.log10(milliwatts) if milliwatts > 0 else None
