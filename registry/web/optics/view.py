"""Everything the page of one module shows: what it is, what it measures against its limits, what follows from that."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from registry.assets.listing import ASSETS
from registry.customers.models import Customer
from registry.kernel import language
from registry.kernel.access import Actor
from registry.kernel.errors import NotFound
from registry.optics import packing, series, service
from registry.optics.claiming import claim_facts
from registry.optics.decoder.records import PARAMETERS, PER_LANE, Limits
from registry.optics.models import Optic
from registry.optics.verdicts.states import usable
from registry.optics.verdicts.units import DIGITS, UNITS
from registry.web.optics.bands import Band, band
from registry.web.optics.trends import places, time_ticks, trend
from registry.web.words.codes import word
from registry.web.words.optics import STATE_TONES

OF_MODULE = ("temperature_c", "voltage_v")
SPANS = {"day": 1, "week": 7, "month": 31, "year": 366, "all": None}  # days back from the newest reading
POINTS = 60
FOUND = ("form_factor", "standard", "wavelength_nm", "connector", "revision", "date_code", "oui")
IMAGES = 6


def own_optic(who: Actor, customer: Customer, optic_id: int) -> Optic:
    """The customer's module. NotFound for another customer's, also to those who may see both."""
    optic = service.get_optic(who, optic_id)
    if optic.customer_id != customer.id:
        raise NotFound()
    return optic


def optic_view(who: Actor, customer: Customer, optic_id: int, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What the template needs. `wanted`: span, lane and end that are to be drawn over time."""
    optic = own_optic(who, customer, optic_id)
    told = service.whole(who, optic_id)
    limits = {name: one for name, one in _limits(told["limits"]).items() if usable(one)}
    bands = {name: band(usable(one) or one) for name, one in limits.items()}
    now = [_end(one, bands, told["baseline"].get(one["end"])) for one in told["now"]]
    images = service.images_of(who, optic_id)
    return {
        "optic": told,
        "asset": ASSETS.one(who, optic.asset_id),
        "claim": claim_facts(who, optic.asset_id),
        "identity": _identity(told),
        "bands": bands,
        "now": now,
        "limit_rows": _limit_rows(told, optic),
        "trends": _trends(who, customer, optic, now, limits, wanted),
        "images": [{**one, "sums_right": _right(one["checksums"])} for one in images[:IMAGES]],
        "more_images": len(images) > IMAGES,
        "zone": customer.time_zone,
    }


def _right(sums: Sequence[Sequence[Any]]) -> bool:
    """Whether there are checksums, and all of them are as the memory says."""
    return bool(sums) and all(stored == computed for _name, stored, computed in sums)


def said(parameter: str, value: float | None, unit: bool = True) -> str:
    """-3.05 dBm; "" for nothing."""
    if value is None:
        return ""
    text = f"{round(value, DIGITS[parameter]) + 0.0:.{DIGITS[parameter]}f}"
    return f"{text} {UNITS[parameter]}" if unit else text


def _limits(data: Mapping[str, Any]) -> dict[str, Limits]:
    return packing.limits_in(data)


def _identity(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(code of the field, text) of what the module says it is."""
    known = {**told, **told["details"]}
    texts = {name: known.get(name) for name in ("vendor", "part_number", "serial", *FOUND)}
    if known.get("wavelength_nm"):
        texts["wavelength_nm"] = f"{known['wavelength_nm']:g} nm"
    if told["media"]:
        texts["media"] = word("optic_media", told["media"])
    return [(name, str(text)) for name, text in texts.items() if text]


# --- The newest reading ------------------------------------------------------------------------------------------


def _end(now: Mapping[str, Any], bands: Mapping[str, Band], base: Mapping[str, Any] | None) -> dict[str, Any]:
    """One reading: of the module, or of one end of a cable."""
    before = {lane["lane"]: lane for lane in (base or {}).get("lanes", ())}
    keys = {key.rpartition(".")[2] for key, state in now["states"].items() if state != "not_reported"}
    known = [name for name in PER_LANE if name in keys]
    lanes = [_lane(now, lane, known, bands, before.get(lane["lane"], {})) for lane in now["lanes"]]
    module = [_measure(name, name, now[name], now["states"].get(name, ""), bands, (base or {}).get(name))
              for name in OF_MODULE]  # fmt: skip
    if len(lanes) == 1:
        module += lanes[0]["values"]
    shown = [one for one in module if one["state"] != "not_reported"]
    return {
        "at": now["at"], "end": now["end"], "admin_up": now["admin_up"], "oper_up": now["oper_up"], "module": shown,
        "lanes": lanes if len(lanes) > 1 else [], "parameters": known, "numbers": [lane["lane"] for lane in lanes],
        "baseline": (base or {}).get("at"), "worst": _worst(lanes),
    }  # fmt: skip


def _lane(
    now: Mapping[str, Any], lane: Mapping[str, Any], names: Sequence[str], bands: Mapping[str, Band],
    before: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    number, states = lane["lane"], now["states"]
    values = [
        _measure(f"{number}.{name}", name, lane[name], states.get(f"{number}.{name}", ""), bands, before.get(name))
        for name in names
    ]
    return {"lane": number, "used": any(f"{number}.{name}" in states for name in PER_LANE), "values": values}


def _measure(
    key: str, parameter: str, value: float | None, state: str, bands: Mapping[str, Band], before: float | None
) -> dict[str, Any]:
    which = key if key in bands else parameter if parameter in bands else ""
    return {
        "parameter": parameter, "state": state, "tone": STATE_TONES.get(state, ""),
        "text": said(parameter, value) or (word("optic_state", "dark") if state == "dark" else ""),
        "band": which, "at": bands[which].at(value) if which else None,
        "base": bands[which].at(before) if which else None, "before": said(parameter, before),
    }  # fmt: skip


def _worst(lanes: Sequence[Mapping[str, Any]]) -> int:
    """The lane that one wants to see first."""
    rank = {"bad": 2, "warn": 1}
    found = [(max((rank.get(one["tone"], 0) for one in lane["values"]), default=0), -lane["lane"]) for lane in lanes]
    return -max(found)[1] if found else 1


def _limit_rows(told: Mapping[str, Any], optic: Optic) -> list[dict[str, Any]]:
    """Limits by parameter, as text, with where they come from: memory, device or profile."""
    rows = []
    for key, values in told["limits"].items():
        lane, _dot, parameter = key.rpartition(".")
        own = told["own_limits"].get(key) == values
        rows.append({
            "parameter": parameter, "lane": lane, "valid": usable(Limits(*values)) is not None,
            "values": [said(parameter, value, unit=False) for value in reversed(values)], "unit": UNITS[parameter],
            "source": ("memory" if optic.from_memory else "device") if own else "profile",
        })  # fmt: skip
    return sorted(rows, key=lambda row: (PARAMETERS.index(row["parameter"]), row["lane"]))


# --- Over time ---------------------------------------------------------------------------------------------------


def _trends(
    who: Actor, customer: Customer, optic: Optic, now: Sequence[Mapping[str, Any]], limits: Mapping[str, Limits],
    wanted: Mapping[str, Any],
) -> dict[str, Any] | None:  # fmt: skip
    """One chart for each parameter of a lane. None where there is nothing to draw."""
    shown = next((one for one in now if one["end"] == wanted.get("end")), next(iter(now), None))
    if optic.last_at is None or shown is None or not (shown["module"] or shown["lanes"]):
        return None
    span = wanted.get("span") or "month"
    lanes = shown["numbers"]
    lane: int = wanted["lane"] if wanted.get("lane") in lanes else shown["worst"]
    days = SPANS[span]
    begins = optic.last_at - timedelta(days=days) if days else None
    found = series.chart(who, optic.id, begins=begins, end=shown["end"], points=POINTS, lane=lane)
    chosen = {"span": span, "lane": lane, "end": shown["end"]}
    ends = [one["end"] for one in now] if len(now) > 1 else []
    known = {**chosen, "spans": list(SPANS), "lanes": lanes, "ends": ends, "charts": []}
    if not found["times"]:
        return known
    return known | _drawn(found, lane, limits, ZoneInfo(customer.time_zone))


def _drawn(found: Mapping[str, Any], lane: int, limits: Mapping[str, Limits], zone: ZoneInfo) -> dict[str, Any]:
    begins, ends = found["begins"], found["ends"]
    xs = places(found["times"], begins, ends)
    keys = [name if name in OF_MODULE else f"{lane}.{name}" for name in PARAMETERS]
    charts = [
        trend(key.rpartition(".")[2], found["series"][key], xs, limits.get(key) or limits.get(key.rpartition(".")[2]))
        for key in keys if key in found["series"]
    ]  # fmt: skip
    return {
        "begins": begins, "ends_at": ends, "count": sum(found["counts"]), "charts": charts,
        "ticks": time_ticks(begins, ends, zone, language.current()),
        "table": _table(found, [key for key in keys if key in found["series"]]),
    }  # fmt: skip


def _table(found: Mapping[str, Any], keys: Sequence[str]) -> list[tuple[datetime, list[str]]]:
    """The mean of each step as text."""
    return [(time, [_mean(found["series"][key], key, at) for key in keys]) for at, time in enumerate(found["times"])]


def _mean(one: Mapping[str, Any], key: str, at: int) -> str:
    if one["mean"][at] is None and any(one.get("dark", ())) and one["dark"][at]:
        return word("optic_state", "dark")
    return said(key.rpartition(".")[2], one["mean"][at], unit=False) or "–"
