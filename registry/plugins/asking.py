"""The hooks by which plugins may object: inside the transaction of a change, and wherever a right is asked for."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from registry.kernel import audit, mending
from registry.kernel.access import Actor
from registry.kernel.db import unreachable
from registry.kernel.language import _
from registry.kernel.writing import WHOLE
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin
from registry.plugins.records import Objection

_asking: ContextVar[bool] = ContextVar("asking", default=False)


def objections(kind: str, row: Any, values: Mapping[str, Any] | None, actor: Actor) -> dict[str, list[str]]:
    """{field: sentences} of what plugins have against a change. One that failed has nothing against it, unless it said
    fail_closed."""
    owner = getattr(row, "customer_id", None) if row is not None else (values or {}).get("customer_id")
    subject = audit.snapshot(row) if row is not None else None
    return _errors(host().each("validate", owner, kind=kind, subject=subject, changes=values, actor=actor))


def is_somebody_asked() -> bool:
    return bool(host().implementations("validate"))


def objections_to_many(
    kind: str,
    changes: Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any]]],
    actor: Actor,
    owner: int,
) -> list[dict[str, list[str]]]:
    """The same for many rows of one customer: (as it is or None, what is set) of each; an answer for each. Not a
    savepoint each, which would cost more than all that an import does."""
    calls = [{"kind": kind, "subject": subject, "changes": new, "actor": actor} for subject, new in changes]
    return [_errors(answers) for answers in host().each_of_many("validate", owner, calls)]


def _errors(answers: Sequence[tuple[Plugin, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for plugin, answer in answers:
        for name, text in _heard(plugin, answer):
            found.setdefault(name, []).append(text)
    return found


def _heard(plugin: Plugin, answer: Any) -> list[tuple[str, str]]:
    if isinstance(answer, Objection):
        return [(answer.field or WHOLE, answer.text)]
    closed = plugin.info is not None and plugin.info.fail_closed
    if not closed:
        return []
    number = answer.incident.number if isinstance(answer, Failure) else "-"
    text = _(
        "The plugin %(title)s has to agree and could not be asked. Tell the operator the number %(number)s.",
        title=plugin.title, number=number,
    )  # fmt: skip
    return [(WHOLE, text)]


def refuses(permission: str, customer_id: int | None, actor: Actor) -> bool:
    """Whether a plugin takes this right away. One that fails counts as no; what plugins themselves ask for while they
    are being asked is not put to them again. Raises Busy when it failed because the database was away."""
    if _asking.get():
        return False
    token = _asking.set(True)
    try:
        arguments = {"permission": permission, "customer_id": customer_id, "actor": actor}
        return any(_is_no(answer) for _plugin, answer in host().answers("allow", customer_id, **arguments))
    finally:
        _asking.reset(token)


def _is_no(answer: Any) -> bool:
    if isinstance(answer, Failure) and mending.is_of_the_database(answer.cause):
        raise unreachable()
    return answer is False or isinstance(answer, Failure)
