"""What differs between before and after, item by item: a list or an object is never shown whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from registry.web.history.values import empty

# What only a machine needs. Checksums, keys and the like stand in the chain and in its export.
UNSAID = frozenset({
    "id", "version", "created_at", "changed_at", "customer_id", "requested_by_id", "answer", "file", "file_key",
    "sha256", "package_sha256", "head", "salt", "signature", "delivery", "actor_id", "actor_name", "token", "errors",
    "chain_head", "kept", "origin", "holds_until", "lent", "lent_id", "lent_until",
})  # fmt: skip
TOLD_WHEN_FALSE = frozenset({"charge"})  # a no that somebody has decided
NATURAL = ("remedy", "name", "parameter", "kind", "code", "field")  # what tells the items of a list apart


class Difference(NamedTuple):
    """`path`: the column and the names of the parts within it. One side is None where there was or is nothing."""

    path: tuple[str, ...]
    before: Any
    after: Any


def differences(entry: Mapping[str, Any]) -> Iterator[Difference]:
    """What an entry of the chain changed, in the order of the names."""
    before, after = _with_amounts(entry["before"] or {}), _with_amounts(entry["after"] or {})
    for name in sorted({*before, *after} - UNSAID):
        yield from _of((name,), before.get(name), after.get(name))


def _with_amounts(side: Mapping[str, Any]) -> dict[str, Any]:
    """cost_minor and currency as one amount."""
    found = dict(side)
    for name in [name for name in side if name.endswith("_minor") and side.get("currency")]:
        found[name] = {"amount_minor": found[name], "currency": side["currency"]} if found[name] is not None else None
        found.pop("currency", None)
    return found


def _of(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if old == new or (empty(old) and empty(new)):
        return
    if _is_nothing(path, old, new) or _is_nothing(path, new, old):
        return
    sides = [one for one in (old, new) if not empty(one)]
    if all(isinstance(one, dict) for one in sides) and not any(_is_one(one) for one in sides):
        yield from _of_parts(path, old or {}, new or {})
    elif all(isinstance(one, list) for one in sides):
        yield from _of_items(path, old or [], new or [])
    else:
        yield Difference(path, old, new)


def _is_nothing(path: tuple[str, ...], one: Any, other: Any) -> bool:
    """A no or a zero where there was nothing at all says nothing, nor does that something new is in use."""
    if other is None and one is True and path == ("active",):
        return True
    return other is None and (one is False or (one == 0 and isinstance(one, int))) and path[-1] not in TOLD_WHEN_FALSE


def _is_one(value: Mapping[str, Any]) -> bool:
    """Parts that say something only together."""
    return "currency" in value or value.keys() <= {"min", "max", "unit"} or {"starts_on", "ends_on"} <= value.keys()


def _of_parts(path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        yield from _of((*path, name), old.get(name), new.get(name))


def _of_items(path: tuple[str, ...], old: list[Any], new: list[Any]) -> Iterator[Difference]:
    named = next((name for name in NATURAL if _told_apart_by(name, old) and _told_apart_by(name, new)), None)
    if named:
        yield from _of_parts(path, _by(named, old), _by(named, new))
        return
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    if gone or come:
        yield Difference(path, gone, come)


def _told_apart_by(name: str, items: Iterable[Any]) -> bool:
    keys = [one.get(name) if isinstance(one, dict) else None for one in items]
    return all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)


def _by(name: str, items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {item[name]: {key: value for key, value in item.items() if key != name} for item in items}
