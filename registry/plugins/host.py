"""Calls of hooks, one implementation at a time: no plugin's failure is another's, or the core's.

pluggy finds implementations and checks their signatures, but stops at the first exception; so each is called here.
What a generator yields is made into a list inside of the guard, sys.exit() is a failure like any other, the time that
a plugin takes is counted, and inside of a transaction each call has a savepoint of its own: a statement that failed
must not take the whole change with it.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

import pluggy

from registry import hookspecs
from registry.kernel import mending
from registry.kernel.db import database
from registry.kernel.logs import log
from registry.plugins import patience
from registry.plugins.answers import said, whole
from registry.plugins.records import PluginInfo

MOST_FAILURES = 20  # of one plugin in one process, then it is suspended
SLOW_SECONDS, MOST_SLOW = 5.0, 3
MOST_KEPT = 200  # failures that wait to be written down
TOGETHER = 100  # calls about rows of an import
UNTIMED = frozenset(  # nobody waits for these: they run at start, in the worker, or from the command line
    {name for name, kind in hookspecs.KINDS.items() if kind in ("declare", "tell")} | {"job", "command", "demo"}
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
            if self._is_asked(implementation.plugin, hook, customer_id, busy):
                yield implementation.plugin, self.call(hook, implementation, arguments)

    def _is_asked(self, plugin: Plugin, hook: str, customer_id: int | None, busy: tuple[tuple[str, str], ...]) -> bool:
        # Asked first whether it is on: that is where a process learns that a plugin may try again.
        return self.open(plugin.name, customer_id) and not plugin.reason and not (busy and (hook, plugin.name) in busy)

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
            gone = mending.is_of_the_database(error)
            self._put_right(plugin, what, depth)
            return self.failed(plugin, what, error, counts=not gone)
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

    def failed(self, plugin: Plugin, what: str, error: BaseException, *, counts: bool = True) -> Failure:
        """Give it a number, and stop a plugin that fails again and again; not for what the database did (`counts`)."""
        incident = Incident(secrets.token_hex(4), plugin.name, what, f"{type(error).__name__}: {said(error)}"[:500])
        log.error("plugin_failed", incident=incident.number, plugin=plugin.name, hook=what, exc_info=error)
        if len(self.unwritten) < MOST_KEPT:
            self.unwritten.append(incident)
        plugin.failures += 1 if counts else 0
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

    def each_of_many(
        self, hook: str, customer_id: int | None, calls: Sequence[Mapping[str, Any]]
    ) -> list[list[tuple[Plugin, Any]]]:
        """each() for many calls about one customer: what each of them is answered."""
        found: list[list[tuple[Plugin, Any]]] = [[] for _ in calls]
        for one in self.implementations(hook):
            if self._is_asked(one.plugin, hook, customer_id, _answering.get()):
                for mine, answer in zip(found, self._one_after_another(hook, one, calls), strict=False):
                    mine += [(one.plugin, each) for each in (answer if type(answer) is list else [answer])]
        return found

    def _one_after_another(self, hook: str, one: Implementation, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What one implementation answers to each call, or its Failure: TOGETHER of them in one savepoint, as far as
        none fails. Fewer, when it is stopped on the way."""
        answers: list[Any] = []

        def ask(some: Sequence[Mapping[str, Any]]) -> None:
            for call in some:
                answers.append(whole(hook, one.function(*[call[name] for name in one.names])))
                one.plugin.calls += 1

        while len(answers) < len(calls) and one.plugin.works:
            failure = self.guarded(one.plugin, hook, ask, calls[len(answers) : len(answers) + TOGETHER])
            if isinstance(failure, Failure):
                answers.append(failure)
        return answers

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
            return whole(what, work(*arguments))
    return whole(what, work(*arguments))
