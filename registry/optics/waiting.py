"""Readings of modules that are no assets yet, kept with their upload as a text: compressed JSON of the records."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from registry.optics.decoder.records import Checksum, Lane, Limits, Module, Port
from registry.optics.given import Given

MOST_BYTES = 256 * 1024 * 1024  # of the records of one upload
Waiting = Sequence[tuple[int, Given]]  # by the number under which their module stands in `unknown`
PLAIN = (
    "form_factor", "standard", "vendor", "oui", "part_number", "revision", "serial", "date_code", "wavelength_nm",
    "connector", "media", "cable_end", "dom", "temperature_c", "voltage_v",
)  # fmt: skip


def written(found: Waiting) -> str:
    """ "" for nothing."""
    if not found:
        return ""
    data = orjson.dumps([[number, _plain(item)] for number, item in found], default=_odd)
    return base64.b64encode(zlib.compress(data)).decode()


def _plain(item: Given) -> dict[str, Any]:
    module = item.module
    return {
        "at": item.at, "host": item.host, **{name: getattr(module, name) for name in PLAIN}, "port": module.port,
        "lanes": module.lanes, "limits": dict(module.limits), "flags": dict(module.flags),
        "checksums": module.checksums, "findings": module.findings, "raw": module.raw,
    }  # fmt: skip


def _odd(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


def read(text: str) -> list[tuple[int, Given]]:
    """Nothing for what written() has not written: a package may have brought it from another house."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text), MOST_BYTES)
        return [(int(number), _given(one)) for number, one in orjson.loads(data or b"[]")]
    except (ValueError, TypeError, LookupError, zlib.error):
        return []


def _given(one: Mapping[str, Any]) -> Given:
    module = Module(
        **{name: one[name] for name in PLAIN},
        port=Port(**one["port"]),
        lanes=tuple(Lane(**{**lane, "dark": frozenset(lane["dark"])}) for lane in one["lanes"]),
        limits={name: Limits(**limits) for name, limits in one["limits"].items()},
        flags=one["flags"],
        checksums=tuple(Checksum(**each) for each in one["checksums"]),
        findings=tuple(one["findings"]),
        raw=base64.b64decode(one["raw"]) if one["raw"] is not None else None,
    )
    return Given(module, datetime.fromisoformat(one["at"]), one["host"])
