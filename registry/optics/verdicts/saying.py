"""Reasons as data, and back: kept as codes with values, and said in the language of whoever reads them."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry.optics.verdicts.persistence import Note
from registry.optics.verdicts.reasons import Limit, Reason, Value, What, Word

DIGITS = 4


def data_of(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """[{code, series, values}]; `series`: whether it is about several readings."""
    return [
        {
            "code": reason.code,
            "series": isinstance(reason, Note),
            "values": {name: _told(value) for name, value in reason.values.items()},
        }
        for reason in reasons
    ]


def _told(value: Any) -> Any:
    if isinstance(value, What):
        return {"what": value.parameter, "lane": value.lane}
    if isinstance(value, Value):
        return {"value": _rounded(value.value), "parameter": value.parameter}
    if isinstance(value, Limit):
        return {"limit": _rounded(value.value), "parameter": value.parameter, "state": value.state}
    return {"state": value.state} if isinstance(value, Word) else value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def reasons_in(data: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """The same as reasons that can be said."""
    return [
        (Note if one["series"] else Reason)(one["code"], {name: _read(value) for name, value in one["values"].items()})
        for one in data
    ]


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "what" in value:
        return What(value["what"], value["lane"])
    if "limit" in value:
        return Limit(value["parameter"], value["state"], value["limit"])
    return Value(value["parameter"], value["value"]) if "value" in value else Word(value["state"])


def said(data: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """[{code, text, values}] in the language of the moment."""
    known = list(data)
    return [
        {"code": one["code"], "text": reason.said(), "values": one["values"]}
        for one, reason in zip(known, reasons_in(known), strict=True)
    ]
