"""The plugins of this process: found and taken in once, when the rooms have been declared."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint

from registry.kernel import access, writing
from registry.plugins import asking, finding, switches
from registry.plugins.current import host
from registry.plugins.host import Host

_loaded: list[bool] = []


def load(
    names: Iterable[str] = (), *, strict: bool = False, trace: bool = False, also: Iterable[EntryPoint] = ()
) -> Host:
    """Take in the plugins of this environment, once in a process. `names`: those wanted (none at all: "none"); `also`:
    further ones that no distribution names. `strict` and `trace` as for Host."""
    found = host()
    found.strict, found.trace = strict, trace
    if _loaded:
        return found
    _loaded.append(True)
    wanted = tuple(names)
    entries = [*finding.installed(wanted or None), *also] if wanted != ("none",) else []
    found.open = switches.is_open
    finding.load(found, entries)
    if found.implementations("validate"):
        writing.OBJECTORS.append(asking.objections)
    if found.implementations("allow"):
        access.VETOES.append(asking.refuses)
    return found
