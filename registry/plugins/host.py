"""Calls of hooks, one implementation at a time: no plugin's failure is another's, or the core's.

pluggy finds implementations and checks their signatures, but stops at the first exception; so each is called here.
What a generator yields is made into a list inside of the guard, sys.exit() is a failure like any other, the time that
a plugin takes is counted, and inside of a transaction each call has a savepoint of its own: a statement that failed
must not take the whole change with it.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

import pluggy

from registry import hookspecs
from registry.kernel import mending
from registry.kernel.db import database
from registry.kernel.logs import log
from registry.plugins import patience
from registry.plugins.records import Action, MenuItem, Objection, Panel, PluginInfo

MOST_FAILURES = 20  # of one plugin in one process, then it is suspended
SLOW_SECONDS, MOST_SLOW = 5.0, 3
MOST_KEPT = 200  # failures that wait to be written down
MOST_RECORDS = 1_000  # of one answer
RECORDS: dict[str, type] = {
    "panels": Panel, "dashboard_cards": Panel, "actions": Action, "menu": MenuItem, "validate": Objection
}  # fmt: skip
UNTIMED = frozenset(  # nobody waits for these: they run at start, or in the worker
    {name for name, kind in hookspecs.KINDS.items() if kind in ("declare", "tell")} | {"job", "command"}
)


class Incident(NamedTuple):
    """A failure, with the number under which log, page and card name it."""

    number: str
    plugin: str
    hook: str
    error: str


@dataclass
class Plugin:
    """One that was found, working or not. `reason`: why it is off, for people; "" while it works."""

    name: str
    info: PluginInfo | None = None
    module: Any = None
    declared: Any = None  # a declaring.Declared, once it was checked
    distribution: str = ""
    reason: str = ""
    suspended: bool = False
    lost: bool = False  # its tables are not in the database
    told: bool = False  # that it is suspended stands in the database, for every process
    failures: int = 0
    slow: int = 0
    calls: int = 0
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return self.info.title if self.info else self.name

    @property
    def state(self) -> str:
        return "suspended" if self.suspended else "failed" if self.reason else "working"

    @property
    def works(self) -> bool:
        return not self.reason


class Implementation(NamedTuple):
    plugin: Plugin
    function: Callable[..., Any]
    names: tuple[str, ...]


class Failure(Exception):
    """A plugin's failure on its way to whoever asked. `incident` names it."""

    def __init__(self, plugin: Plugin, incident: Incident, cause: BaseException) -> None:
        super().__init__(f"{plugin.name}: {incident.error}")
        self.plugin, self.incident, self.cause = plugin, incident, cause


# (hook, plugin) that are being answered: nobody is asked about what he does in order to answer.
_answering: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("answering", default=())
Open = Callable[[str, int | None], bool]  # open(plugin, customer's id): is it switched on there?


def everywhere(_plugin: str, _customer_id: int | None) -> bool:
    return True


@dataclass
class Host:
    """The plugins of one process. `strict`: a failure is raised instead of passed over. `trace`: calls are logged.

    `unwritten`: failures that nobody has written down yet; `suspended`: called once for each that is stopped.
    """

    strict: bool = False
    trace: bool = False
    plugins: dict[str, Plugin] = field(default_factory=dict)
    open: Open = everywhere
    unwritten: list[Incident] = field(default_factory=list)
    _hooks: dict[str, tuple[Implementation, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.manager = pluggy.PluginManager(hookspecs.PROJECT)
        self.manager.add_hookspecs(hookspecs)

    def register(self, plugin: Plugin) -> None:
        """Add a module's hooks. Raises pluggy's PluginValidationError for a hook that does not fit the contract."""
        self.manager.register(plugin.module, plugin.name)
        try:
            self.manager.check_pending()
        except pluggy.PluginValidationError:
            self.manager.unregister(plugin.module)
            raise
        self._hooks.clear()

    def remove(self, plugin: Plugin, reason: str) -> None:
        """Take it out of all calls from now on."""
        plugin.reason = reason
        if plugin.module is not None and self.manager.is_registered(plugin.module):
            self.manager.unregister(plugin.module)
        self._hooks.clear()

    def register_again(self, plugin: Plugin) -> None:
        """Take back one that was removed."""
        plugin.reason = ""
        if not self.manager.is_registered(plugin.module):
            self.manager.register(plugin.module, plugin.name)
        self._hooks.clear()

    def working(self) -> list[Plugin]:
        return [plugin for plugin in self.plugins.values() if plugin.works]

    def hooks(self) -> Iterable[str]:
        return hookspecs.KINDS

    def implementations(self, hook: str) -> tuple[Implementation, ...]:
        """Who implements the hook, by the plugins' names."""
        found = self._hooks.get(hook)
        if found is None:
            known = [
                Implementation(self.plugins[each.plugin_name], each.function, tuple(each.argnames))
                for each in getattr(self.manager.hook, hook).get_hookimpls()
            ]
            found = self._hooks[hook] = tuple(sorted(known, key=lambda each: each.plugin.name))
        return found

    def answers(
        self, hook: str, customer_id: int | None = None, /, **arguments: Any
    ) -> Iterator[tuple[Plugin, Any | Failure]]:
        """What each plugin that is switched on answers, or its Failure. A hook that nobody implements costs nothing."""
        found = self.implementations(hook)
        busy = _answering.get() if found else ()
        for implementation in found:
            plugin = implementation.plugin
            # Asked first whether it is on: that is where a process learns that a plugin may try again.
            if self.open(plugin.name, customer_id) and not plugin.reason and not (busy and (hook, plugin.name) in busy):
                yield plugin, self.call(hook, implementation, arguments)

    def call(self, hook: str, one: Implementation, arguments: Mapping[str, Any]) -> Any:
        """One implementation's answer, or its Failure."""
        return self.guarded(one.plugin, hook, one.function, *[arguments[name] for name in one.names])

    def guarded(self, plugin: Plugin, what: str, work: Callable[..., Any], *arguments: Any) -> Any:
        """What `work` of this plugin answers, or its Failure. `what`: the hook, or a word for what else it does."""
        started, timed = perf_counter(), what not in UNTIMED and patience.begin()
        depth = mending.depth()
        try:
            within = patience.enter()
            try:
                # In a copy of the context: language, scope and the like are the caller's again afterwards.
                answer = copy_context().run(_worked, what, plugin.name, work, arguments, depth)
            finally:
                patience.leave(within)
            if wrong := mending.put_right(depth):
                raise RuntimeError(wrong)
            return answer
        except mending.TransactionLost as error:
            self.failed(plugin, what, error)
            raise
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._put_right(plugin, what, depth)
            return self.failed(plugin, what, error)
        finally:
            if timed:
                patience.end()
            took = perf_counter() - started
            plugin.calls += 1
            plugin.seconds += took
            if took > SLOW_SECONDS:
                self._was_slow(plugin, what, took)
            if self.trace:
                log.info("hook", plugin=plugin.name, hook=what, milliseconds=round(took * 1000, 2))

    def _put_right(self, plugin: Plugin, what: str, depth: int) -> None:
        try:
            mending.put_right(depth)
        except mending.TransactionLost as error:
            self.failed(plugin, what, error)  # half of a change is gone, so all of it has to go
            raise

    def failed(self, plugin: Plugin, what: str, error: BaseException) -> Failure:
        """Count it, give it a number, and stop a plugin that fails again and again."""
        incident = Incident(secrets.token_hex(4), plugin.name, what, f"{type(error).__name__}: {said(error)}"[:500])
        log.error("plugin_failed", incident=incident.number, plugin=plugin.name, hook=what, exc_info=error)
        if len(self.unwritten) < MOST_KEPT:
            self.unwritten.append(incident)
        plugin.failures += 1
        if plugin.failures >= MOST_FAILURES:
            self.suspend(plugin, f"It failed {plugin.failures} times, last in {what}: {incident.error}")
        failure = Failure(plugin, incident, error)
        if self.strict:
            raise failure from error
        return failure

    def _was_slow(self, plugin: Plugin, what: str, took: float) -> None:
        plugin.slow += 1
        log.warning("plugin_slow", plugin=plugin.name, hook=what, seconds=round(took, 1))
        if plugin.slow >= MOST_SLOW:
            self.suspend(plugin, f"It held everybody up {plugin.slow} times, last in {what} for {took:.0f} seconds.")

    def suspend(self, plugin: Plugin, reason: str) -> None:
        if not plugin.suspended:
            plugin.suspended, plugin.reason = True, reason
            log.error("plugin_suspended", plugin=plugin.name, reason=reason)

    def resume(self, plugin: Plugin) -> None:
        """Let it try again, with a clean slate."""
        if plugin.suspended:
            plugin.suspended, plugin.told, plugin.reason, plugin.failures, plugin.slow = False, False, "", 0, 0

    def each(self, hook: str, customer_id: int | None = None, /, **arguments: Any) -> list[tuple[Plugin, Any]]:
        """(plugin, record) of every record that plugins answer; of those that failed, the Failure as its record."""
        found: list[tuple[Plugin, Any]] = []
        if not self.implementations(hook):
            return found
        timed = patience.begin()  # once for all of them: a system call takes as long as a hook
        try:
            for plugin, answer in self.answers(hook, customer_id, **arguments):
                if type(answer) is list:
                    found += [(plugin, record) for record in answer]
                elif answer is not None:
                    found.append((plugin, answer))
        finally:
            if timed:
                patience.end()
        return found

    def first(self, hook: str, customer_id: int | None = None, /, **arguments: Any) -> Any:
        """The first answer that is not None, or None."""
        for _, answer in self.answers(hook, customer_id, **arguments):
            if answer is not None and not isinstance(answer, Failure):
                return answer
        return None


def _worked(what: str, name: str, work: Callable[..., Any], arguments: tuple[Any, ...], depth: int) -> Any:
    _answering.set((*_answering.get(), (what, name)))
    if depth:
        with database.atomic():
            return _whole(what, work(*arguments))
    return _whole(what, work(*arguments))


def _whole(what: str, answer: Any) -> Any:
    """A generator's answers, asked for inside of the guard; for hooks that answer records, a list of those."""
    wanted = RECORDS.get(what)
    if wanted is None:
        return _listed(answer) if hasattr(answer, "__next__") else answer
    if type(answer) is list and len(answer) <= MOST_RECORDS:
        records = answer
    else:
        records = [] if answer is None else [answer] if isinstance(answer, wanted) else _listed(answer)
    for one in records:
        if type(one) is not wanted and not isinstance(one, wanted):
            raise TypeError(f"{what}() answered {type(one).__name__}, where sdk.{wanted.__name__} is wanted")
    return records


def _listed(answer: Iterable[Any]) -> list[Any]:
    found = list(islice(answer, MOST_RECORDS + 1))
    if len(found) > MOST_RECORDS:
        raise ValueError(f"it answered more than {MOST_RECORDS} records")
    return found


def said(error: BaseException) -> str:
    """What an error says, as any database can keep it."""
    try:
        text = str(error)
    except Exception:
        text = "(what it says cannot be said)"
    return text.encode("utf-8", "replace").decode().replace("\0", "")
