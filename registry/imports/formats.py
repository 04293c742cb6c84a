"""Files that are no tables by themselves: a plugin makes rows of them, and from then on they are as if CSV had come."""

import csv
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePath

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin
from registry.plugins.records import ImportFormat


def formats(customer_id: int) -> list[tuple[Plugin, ImportFormat]]:
    """Those of plugins that are on for the customer."""
    found = host()
    return [
        (plugin, each)
        for plugin in found.working()
        if plugin.declared.import_formats and found.open(plugin.name, customer_id)
        for each in plugin.declared.import_formats
    ]


def as_table(path: Path, filename: str, customer_id: int) -> str:
    """Make a table of the file at `path`, in its place, if a plugin reads files of that name; answers what it is called
    then. Raises Invalid naming the file."""
    suffix = PurePath(filename).suffix.lower()
    reader = next((pair for pair in formats(customer_id) if pair[1].suffix == suffix), None)
    if reader is None:
        return filename
    plugin, form = reader
    table = path.with_name(f"{path.name}.table")
    try:
        written = host().guarded(plugin, "job", _write, form, path, table)
        if isinstance(written, Failure):
            if isinstance(written.cause, ValueError):
                raise Invalid.field("file", str(written.cause))
            raise Invalid.field("file", _(
                "The plugin %(title)s could not read this file. Tell the operator the number %(number)s.",
                title=plugin.title, number=written.incident.number,
            ))  # fmt: skip
        table.replace(path)
    finally:
        with suppress(FileNotFoundError):
            table.unlink()
    return f"{filename}.csv"


def _write(form: ImportFormat, path: Path, table: Path) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        rows: Iterable[Sequence[str]] = form.read(path)
        for row in rows:
            writer.writerow(row)
