"""The form of a service policy: targets, channels and hours as lines of fields. Nobody writes JSON.

What a policy holds besides, put there by a program, is shown and stays as it is.
"""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from registry.kernel.language import N_, _
from registry.kernel.shapes import Shape
from registry.web.forms import meant
from registry.web.lines import Line, Lines, LinesForm
from registry.web.words.codes import WORDS, word

LIMIT = ("name", "what", "count", "unit", "clock")
TARGETS = Lines("targets", Shape(), LIMIT, telling=("name", "count"))
CHANNELS = Lines("channels", Shape(), (*LIMIT, "words"), telling=("name", "count", "words"))
HOURS = Lines("calendar", Shape(), ("from", "until"))
TEXTS = ("opening", "closing")
PLAIN = ("visits_count", "visits_unit", "patrols_per_year", *TEXTS)
# How a period of one unit is written -> the unit. Other periods, and whatever is no period, are a choice of their own.
UNITS = {"TM": N_("minutes"), "TH": N_("hours"), "D": N_("days"), "W": N_("weeks"), "M": N_("months"), "Y": N_("years")}
AT_ONCE = "PT0S"
LITERAL = ("next_business_day", "appointment_or_next_visit", "as_soon_as_possible")
WHAT = ("response", "on_site", "solve")
NAMES = {
    "targets": ("P1", "P2", "P3", "P4", "level_1", "level_2", "level_3", "telephone", "e_mail", "same_city",
                "same_province", "other_province", "solve", "issue", "next_issue"),
    "channels": ("telephone", "e_mail"),
}  # fmt: skip
_PERIOD = re.compile(r"P(?:(T)?([1-9][0-9]{0,3})([YMWDH]))", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)


class PolicyForm(LinesForm):
    """`shape`: PolicyIn or PolicyChange; `only`: its fields on the page; `stored`: what the policy holds now."""

    def __init__(
        self,
        shape: Schema,
        sent: MultiDict[str, str] | None = None,
        *,
        shown: Mapping[str, Any] | None = None,
        only: tuple[str, ...],
        stored: Mapping[str, Any] | None = None,
    ) -> None:
        self.known, self.rest = apart(stored or {})
        super().__init__(shape, sent, shown=shown, only=only, lists=(TARGETS, CHANNELS, HOURS))
        self.names += PLAIN
        self.asked = sent is None or "visits_unit" in sent  # whether what is promised was on the page that was sent
        self.typed |= {name: sent.get(name, "") for name in PLAIN} if sent is not None else _shown_plain(self.known)

    def shown_lines(self, lines: Lines, shown: Mapping[str, Any]) -> list[Line]:
        held = self.known.get(lines.name)
        if lines is HOURS:
            return [{"from": start, "until": end} for start, end in held or ()]
        return [line for name, value in (held or {}).items() for line in _shown_limits(lines, name, value)]

    def values(self) -> dict[str, Any]:
        own = [name for name in ("name", "code") if name in self.names]
        given: dict[str, Any] = {name: meant(self.shape.fields[name], self.typed.get(name, "")) for name in own}
        errors: dict[str, Any] = {}
        if self.asked:
            given["settings"] = self._settings(errors)
        try:
            loaded = self.shape.load(given)
        except ValidationError as error:
            errors = {**error.normalized_messages(), **errors}
        if errors:
            raise ValidationError(errors)
        return loaded  # type: ignore[no-any-return]

    def _settings(self, errors: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {name: self.typed[name].strip().replace("\r\n", "\n") for name in TEXTS}
        for lines in (TARGETS, CHANNELS):
            found[lines.name] = self._limits(lines, errors)
        found["calendar"] = self._hours(errors)
        found["patrols_per_year"] = _patrols(self.typed["patrols_per_year"].strip(), errors)
        count, unit = self.typed["visits_count"].strip(), self.typed["visits_unit"]
        every = _limit(count, unit) if count or (unit and unit not in UNITS) else None
        if every == "":
            errors["visits_count"] = [_("Give a whole number, such as 2.")]
        found["visits"] = {"every": every} if every else {}
        return joined({name: value for name, value in found.items() if value}, self.rest)

    def _written(self, lines: Lines) -> list[tuple[str, Line]]:
        """(how fields of the line begin, the line), without empty ones."""
        numbered = enumerate(self.lines[lines.name])
        return [(f"{lines.name}-{number}-", line) for number, line in numbered if not lines.empty(line)]

    def _limits(self, lines: Lines, errors: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, line in self._written(lines):
            name, what, clock = code_of(line.get("name", "")), line.get("what", ""), line.get("clock", "")
            words, count = line.get("words", "").strip(), line.get("count", "").strip()
            value = words or _limit(count, line.get("unit", ""))
            wrong = _wrong(name, what, clock, value, found)
            if words and count:
                errors[at + "words"] = [_("Give a time or words, not both.")]
            elif wrong:
                errors[at + wrong[0]] = [wrong[1]]
            elif not what:
                found[name] = value
            else:
                found.setdefault(name, {}).update({what: value, **({"clock": clock} if clock else {})})
        return found

    def _hours(self, errors: dict[str, Any]) -> list[list[str]]:
        found = []
        for at, line in self._written(HOURS):
            start, end = line.get("from", "").strip(), line.get("until", "").strip()
            for cell, text in (("from", start), ("until", end)):
                if not _TIME.fullmatch(text):
                    errors[at + cell] = [_("Give a time such as 20:00.")]
            if at + "from" not in errors and at + "until" not in errors and end <= start:
                errors[at + "until"] = [_("This must be later than the time beside it.")]
            found.append([start, end])
        return found


def _wrong(name: str, what: str, clock: str, value: str, found: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a line: its cell, and a sentence."""
    held = found.get(name)
    if not name:
        return "name", _("Fill this in.")
    if not value:
        return "count", _("Give a whole number, such as 2.")
    if clock and not what:
        return "what", _("Choose what is to happen within that time.")
    if held is not None and (not what or isinstance(held, str) or what in held):
        return "name", _("This stands here twice. Change one of the lines, or take it away.")
    return None


def _limit(count: str, unit: str) -> str:
    """The period, or the word, that number and unit mean; "" where they mean nothing."""
    if unit and unit not in UNITS:
        return unit
    if not re.fullmatch(r"[1-9][0-9]{0,3}", count, re.ASCII):
        return ""
    unit = unit or "TH"
    return f"PT{count}{unit[1:]}" if unit.startswith("T") else f"P{count}{unit}"


def _parts(value: str) -> tuple[str, str]:
    """Number and unit of what is stored."""
    found = _PERIOD.fullmatch(value)
    unit = (found.group(1) or "") + found.group(3) if found else ""
    return (found.group(2), unit) if found and unit in UNITS else ("", value)


def _patrols(text: str, errors: dict[str, Any]) -> int | None:
    if text and not (re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) and int(text) <= 366):
        errors["patrols_per_year"] = [_("Give a number from 1 to 366.")]
        return None
    return int(text) if text else None


def _shown_plain(known: Mapping[str, Any]) -> dict[str, str]:
    count, unit = _parts(known["visits"]["every"]) if "visits" in known else ("", "M")
    plain = {name: str(known.get(name, "")) for name in ("patrols_per_year", *TEXTS)}
    return {**plain, "visits_count": count, "visits_unit": unit}


def _shown_limits(lines: Lines, name: str, value: Any) -> list[Line]:
    pairs = [(what, text) for what, text in value.items() if what != "clock"] if isinstance(value, dict) else []
    clock = value.get("clock", "") if isinstance(value, dict) else ""
    said = word("promise", name)
    found: list[Line] = []
    for what, text in pairs or [("", value)]:
        count, unit = _parts(text)
        line = {"name": said, "what": what, "count": count, "unit": unit, "clock": clock if not found else ""}
        if lines is CHANNELS and not count and not _one(text):
            line |= {"words": text, "unit": "TH"}
        found.append(line)
    return found


def code_of(typed: str) -> str:
    """The code of a name as people write it; a name of their own is its own code."""
    text = typed.strip()
    said = {_(known): code for code, known in WORDS["promise"].items()}
    return said.get(text, text)


# --- What the form can say, and what only a program can ------------------------------------------------------


def apart(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the form has fields for, and the rest. joined() puts both together again."""
    known: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in settings.items():
        if name in ("targets", "channels") and isinstance(value, dict):
            mine = {each: held for each, held in value.items() if _sayable(name, each, held)}
            other = {each: held for each, held in value.items() if each not in mine}
            known |= {name: mine} if mine else {}
            rest |= {name: other} if other or not mine else {}
        else:
            (known if _plain(name, value) else rest)[name] = value
    return known, rest


def joined(known: Mapping[str, Any], rest: Mapping[str, Any]) -> dict[str, Any]:
    both = {name for name in known.keys() & rest.keys() if isinstance(rest[name], dict)}
    return {**rest, **known, **{name: {**rest[name], **known[name]} for name in both}}


def _plain(name: str, value: Any) -> bool:
    if name in TEXTS:
        return isinstance(value, str) and value == value.strip() != "" and "\r" not in value
    if name == "patrols_per_year":
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 366
    if name == "visits":
        return isinstance(value, dict) and set(value) == {"every"} and _one(value["every"])
    return name == "calendar" and isinstance(value, list) and bool(value) and all(map(_opening, value))


def _opening(pair: Any) -> bool:
    times = isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
    return times and all(_TIME.fullmatch(one) for one in pair) and pair[0] < pair[1]


def _sayable(section: str, name: str, value: Any) -> bool:
    """Whether a line, or several, can say it and mean the same again."""
    if not name or name != name.strip() or code_of(word("promise", name)) != name:
        return False
    if isinstance(value, dict):
        clock, others = value.get("clock"), [key for key in value if key != "clock"]
        told = all(_CODE.fullmatch(key) and _one(value[key]) for key in others)
        return bool(others) and told and (clock is None or clock in ("elapsed", "business"))
    words = section == "channels" and isinstance(value, str) and value == value.strip() != ""
    return _one(value) or (words and "\n" not in value and len(value) <= 255)


def _one(value: Any) -> bool:
    return isinstance(value, str) and bool(_CODE.fullmatch(value)) and value not in UNITS


# --- Choices -----------------------------------------------------------------------------------------------


def choices(form: PolicyForm) -> dict[str, Any]:
    """What the fields of lines offer; a code that was stored by a program is a choice of its own."""
    lines = [line for name in ("targets", "channels") for line in form.lines[name]]
    units = [(code, _(text)) for code, text in UNITS.items()]
    units += [(AT_ONCE, _("at once")), *((code, word("promise", code)) for code in LITERAL)]
    return {
        "units": _with(units, [*(line.get("unit", "") for line in lines), form.typed.get("visits_unit", "")]),
        "what": _with([(code, word("promise", code)) for code in WHAT], [line.get("what", "") for line in lines]),
        "suggested": {name: [word("promise", code) for code in codes] for name, codes in NAMES.items()},
    }


def _with(pairs: list[tuple[str, str]], held: list[str]) -> list[tuple[str, str]]:
    known = dict(pairs)
    return [*pairs, *((code, word("promise", code)) for code in dict.fromkeys(held) if code and code not in known)]
