"""Where the parts that are not Python live: templates, static files, migrations."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def resource_dir(name: str) -> Path:
    """The folder `name`, inside the package (wheel) or beside it (checkout).

    Resources are found by path and never by import: in an editable install
    `registry.templates` is no importable package.
    """
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
