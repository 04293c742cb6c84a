"""What plugins changed in tables of their own: which of their columns refer to something that people know by name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from registry.actions import Action
from registry.handover.belongings import links_of, table_of
from registry.kernel import schema
from registry.web.history.differences import Difference
from registry.web.history.names import CALLED, MADE_UP, OBJECTS, REFERENCES

OURS = frozenset(map(str, Action))
REFERRED = {**CALLED, **OBJECTS, "customer": "customer_id", "app_user": "user"}  # table -> what our columns call it


def of_plugins(entry: Mapping[str, Any], found: Iterable[Difference]) -> Iterator[Difference]:
    """The differences of an entry, of a plugin's with the columns called as ours are that refer to the same. The
    number of a row that nobody knows by a name is left out, so is what the model calls UNSAID, and, once the plugin is
    gone, what could be a number."""
    if entry["action"] in OURS:
        yield from found
        return
    model = next((one for one in schema.BROUGHT if table_of(one) == entry["object_type"]), None)
    referring, unsaid = (_references(model), getattr(model, "UNSAID", ())) if model else ({}, ())
    for one in found:
        column = one.path[0]
        if column in unsaid:
            continue
        if column in referring:
            if (called := REFERRED.get(referring[column], referring[column])) in REFERENCES or called in MADE_UP:
                yield one._replace(path=(called, *one.path[1:]))
        elif model or not (column in REFERENCES or column in MADE_UP):
            yield one


def _references(model: Any) -> dict[str, str]:
    """Column -> table."""
    keys = {
        name: table_of(other) for field, other in model._meta.refs.items() for name in (field.name, field.column_name)
    }
    return keys | links_of(model)
