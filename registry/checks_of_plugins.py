"""`assetcare check` about plugins: those that do not fit, or say themselves that something is wrong."""

from collections.abc import Iterator

from registry.checks import OK, Finding, check
from registry.kernel import migrate
from registry.kernel.language import _
from registry.plugins import checking
from registry.settings import Settings


@check("plugins")
def plugins(_settings: Settings) -> Iterator[Finding]:
    if migrate.pending():
        return
    found = checking.findings()
    for one in found:
        if one.state != "ok":
            yield Finding("plugins", one.state, f"{one.plugin}: {one.text}")
    if all(one.state == "ok" for one in found):
        count = len({one.plugin for one in found})
        yield Finding("plugins", OK, _("%(count)s installed, nothing to say against them", count=count))
