"""The reference of the hooks as Markdown, from hookspecs.py itself: docs/hooks.md."""

import inspect
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from registry import hookspecs
from registry.plugins import records

HEAD = (
    "# Hooks and records\n\nWritten by `make docs` from `registry/hookspecs.py` and `registry/plugins/records.py`. "
    "How a plugin is made: [plugins.md](plugins.md).\n"
)
TITLES = {
    "declare": "once at start", "ask": "inside the transaction of a change", "choose": "the first answer wins",
    "tell": "after the change", "show": "while a page is made",
}  # fmt: skip


def reference() -> str:
    return "\n".join([HEAD, _about_kinds(), *_hooks(), "## Records\n", *_records()])


def _about_kinds() -> str:
    about = inspect.getdoc(hookspecs) or ""
    return (
        "## Kinds\n\n```text\n"
        + about[about.index("declare  ") : about.index("What is not documented")].strip()
        + "\n```\n"
    )


def _hooks() -> Iterator[str]:
    for kind, title in TITLES.items():
        yield f"## {kind}: {title}\n"
        for name, own in hookspecs.KINDS.items():
            if own == kind:
                function = getattr(hookspecs, name)
                arguments = ", ".join(inspect.signature(function).parameters)
                answer = _plain(function.__annotations__["return"])
                yield f"### `{name}({arguments})` → `{answer}`\n\n{_text(function)}\n"


def _records() -> Iterator[str]:
    for name, record in sorted(vars(records).items()):
        if isinstance(record, type) and record.__module__ == records.__name__:
            given = ", ".join(f"{one.name}{_default(one)}" for one in fields(record))
            yield f"### `{name}({given})`\n\n{_text(record)}\n"


def _default(field: Any) -> str:
    if field.default is not MISSING:
        return f"={field.default!r}"
    return "" if field.default_factory is MISSING else "=..."


def _text(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").strip()


def _plain(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
