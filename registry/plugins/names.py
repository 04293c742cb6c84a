"""Names that a plugin cannot have, since something of the core's is called alike."""

from collections.abc import Iterator

from registry.kernel import access, jobs, mail_texts, schema
from registry.kernel.paths import resource_dir

# Commands of ours, which come first, and words by which blueprints and histories are told apart.
RESERVED = frozenset(
    {
        "api", "backup", "certificate", "check", "core", "coverage", "customer", "demo", "erase", "export", "house",
        "import", "label", "mail", "migrate", "openapi", "optics", "package", "permissions", "plugin", "restore",
        "secret", "serve", "token", "user", "worker",
    }
)  # fmt: skip


def taken(name: str) -> str:
    """What has this name already, in words; "" when a plugin can have it."""
    return next(_in_the_way(name), "")


def _in_the_way(name: str) -> Iterator[str]:
    if name in RESERVED or name.startswith(("api_", "house_", "registry")) or name.endswith("_house"):
        yield "it is a word of the core"
    if (resource_dir("templates") / name).is_dir():
        yield f"the core has templates in {name}/"
    for table in schema.of_the_core():
        if table == name or table.startswith(f"{name}_"):
            yield f"the core has a table {table}"
    for what, known in (("permission", access.PERMISSIONS), ("job", jobs.JOBS), ("mail", mail_texts.KINDS)):
        for one in known:
            if one.startswith(f"{name}."):
                yield f"the core has a {what} {one}"
