"""Stores of plugins for files (ASSETCARE_STORAGE): asked before the core's own, and held to what those promise.

The one that ASSETCARE_STORAGE names stays in use while its plugin is switched off: files have to be there. What goes
wrong in it is a store out of reach, not a reason to stop the plugin.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from registry.kernel import files
from registry.kernel.errors import Problem
from registry.kernel.files import Kept, Store
from registry.kernel.logs import log
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin

METHODS = ("put", "open", "delete", "keys", "exists", "local")
MORE = ("read", "size_of")  # what a store may bring besides


class PluggedStore:
    """The store of a plugin, as the core calls it: keys are sound, and whatever it raises becomes Busy."""

    def __init__(self, plugin: Plugin, store: Any) -> None:
        self.plugin, self.store = plugin, store
        for name in MORE:
            if callable(getattr(store, name, None)):
                setattr(self, name, getattr(self, f"_{name}"))

    def put(self, key: str, stream: IO[bytes]) -> Kept:
        kept = self._done("put", files.sound(key), stream)
        if not isinstance(kept, Kept) or kept.key != key:
            raise self._failed("put", TypeError(f"it answers {kept!r:.100}, not sdk.Kept of the same key"))
        return kept

    def open(self, key: str) -> IO[bytes]:
        found: IO[bytes] = self._done("open", files.sound(key))
        return found

    def delete(self, key: str) -> None:
        self._done("delete", files.sound(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        found = self._done("keys", files.sound_prefix(prefix))
        yield from sorted(
            key for key in self._done_by("keys", lambda: list(found)) if files.KEY.match(key) and key.startswith(prefix)
        )

    def exists(self, key: str) -> bool:
        return bool(self._done("exists", files.sound(key)))

    def local(self, key: str) -> Path | None:
        found = self._done("local", files.sound(key))
        return found if isinstance(found, Path) else None

    def _read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        found = self._done("read", files.sound(key), start, length)
        while piece := self._done_by("read", lambda: next(found, b"")):
            yield piece

    def _size_of(self, key: str) -> int:
        return int(self._done("size_of", files.sound(key)))

    def _done(self, method: str, *arguments: Any) -> Any:
        return self._done_by(method, lambda: getattr(self.store, method)(*arguments))

    def _done_by(self, method: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except (Problem, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise self._failed(method, error) from error

    def _failed(self, method: str, error: BaseException) -> Problem:
        log.error("plugin_store_failed", plugin=self.plugin.name, method=method, exc_info=error)
        return files.out_of_reach(error)


def keeps(plugin: Plugin) -> bool:
    """Whether the files of this installation are kept by the plugin."""
    store = files.current_store()
    return isinstance(store, PluggedStore) and store.plugin is plugin


def store_for(url: str) -> Store | None:
    """The store of a plugin at `url`, or None. Raises ValueError when only a plugin could serve it and none does."""
    reasons = [f"{plugin.name} does not work: {plugin.reason}" for plugin in host().plugins.values() if plugin.reason]
    for one in host().implementations("storage_for"):
        found = host().call("storage_for", one, {"url": url})
        if isinstance(found, Failure):
            reasons.append(f"{one.plugin.name} failed: {found.incident.error}")
        elif found is not None and (lacking := [name for name in METHODS if not callable(getattr(found, name, None))]):
            reasons.append(f"{one.plugin.name} answers {type(found).__name__} without {', '.join(lacking)}")
        elif found is not None:
            return PluggedStore(one.plugin, found)
    if url.partition(":")[0] in files.OWN:
        return None
    scheme, told = url.partition(":")[0], "".join(f" The plugin {one}." for one in reasons)
    raise ValueError(f"ASSETCARE_STORAGE: no plugin serves {scheme}:, and it is neither file:///PATH nor s3://.{told}")


files.CHOOSERS.append(store_for)
