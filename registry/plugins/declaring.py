"""What a plugin declares, checked as a whole before any of it counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click
from flask import Blueprint

from registry.kernel import access, events, jobs, language, mail_texts, mending, migrate, schema, search
from registry.kernel.errors import Busy
from registry.plugins.host import Failure, Host, Plugin
from registry.plugins.records import (
    AssetKind,
    HealthCheck,
    ImportFormat,
    Job,
    LabelField,
    LabelTemplate,
    MailKind,
    PluginInfo,
    PluginPermission,
    SettingsForm,
)
from registry.plugins.rows import told

KINDS: dict[str, tuple[type, ...]] = {
    "blueprints": (Blueprint,), "api_blueprints": (Blueprint,), "models": (type(access.Scoped),),
    "permissions": (PluginPermission,), "settings": (SettingsForm,), "jobs": (Job,), "commands": (click.Command,),
    "mails": (MailKind,), "asset_kinds": (AssetKind,),
    "search_sources": (search.SearchSource,), "import_formats": (ImportFormat,),
    "label_templates": (LabelField, LabelTemplate), "words": (tuple, list), "health": (HealthCheck,),
}  # fmt: skip


class Wrong(Exception):
    """Something declared does not fit; the sentence says what and how it should be."""


@dataclass
class Declared:
    """Everything that a plugin brings, in the order in which it named it."""

    info: PluginInfo
    folder: Path
    blueprints: Sequence[Any] = ()
    api_blueprints: Sequence[Any] = ()
    models: Sequence[Any] = ()
    permissions: Sequence[PluginPermission] = ()
    settings: Sequence[SettingsForm] = ()
    jobs: Sequence[Job] = ()
    commands: Sequence[Any] = ()
    mails: Sequence[MailKind] = ()
    asset_kinds: Sequence[AssetKind] = ()
    search_sources: Sequence[Any] = ()
    import_formats: Sequence[ImportFormat] = ()
    label_templates: Sequence[LabelField | LabelTemplate] = ()
    words: Sequence[tuple[str, Mapping[str, str]]] = ()
    health: Sequence[HealthCheck] = ()

    @classmethod
    def checked(cls, info: PluginInfo, folder: Path, found: Mapping[str, list[Any]]) -> "Declared":
        _check_kinds(found)
        made = cls(info, folder, **found)
        made._check_names("table", [model._meta.table_name for model in made.models], "_")
        made._check_names("permission", [each.name for each in made.permissions], ".")
        made._check_names("job", [each.name for each in made.jobs], ".")
        made._check_names("mail", [each.name for each in made.mails], ".")
        made._check_names("label field or template", [each.name for each in made.label_templates], "_")
        made._check_models()
        if wrong := next(filter(None, map(mail_texts.unsound, made.mail_kinds())), ""):
            raise Wrong(wrong)
        scopes = [form.scope for form in made.settings]
        if len(set(scopes)) != len(scopes):
            raise Wrong("There is more than one form of settings for the same scope.")
        made._check_names("search source", [source.kind for source in made.search_sources], "_")
        for source in made.search_sources:
            if source.model not in made.models:
                raise Wrong(f"The search source {source.kind!r} looks through a table that is not the plugin's.")
        return made

    def mail_kinds(self) -> Iterator[mail_texts.Kind]:
        for each in self.mails:
            yield mail_texts.kind_of(
                each.name, each.placeholders, needed=tuple(each.needed), folder=self.folder / "mails"
            )

    def all_words(self) -> list[tuple[str, Mapping[str, str]]]:
        """(group, {code: text}) of everything that our pages name by a code."""
        mails, kinds = ({each.name: each.title for each in found} for found in (self.mails, self.asset_kinds))
        return [*self.words, ("mail", mails), ("kind", kinds)]

    def form(self, scope: str) -> SettingsForm | None:
        return next((form for form in self.settings if form.scope == scope), None)

    def _check_names(self, what: str, names: Sequence[str], mark: str) -> None:
        prefix = f"{self.info.name}{mark}"
        for name in names:
            if not name.startswith(prefix):
                raise Wrong(f"The {what} {name!r} must begin with {prefix!r}.")
        if len(set(names)) != len(names):
            raise Wrong(f"A {what} is declared twice: {', '.join(sorted(names))}.")

    def _check_models(self) -> None:
        for model in self.models:
            if not issubclass(model, access.Scoped):
                raise Wrong(f"The table {model._meta.table_name} belongs to nobody: let {model.__name__} be an Owned.")
            own = {str(each._meta.table_name) for each in self.models}
            if strange := set(getattr(model, "LINKS", {}).values()) - own - set(schema.of_the_core()):
                raise Wrong(f"LINKS of {model.__name__} names tables that there are not: {', '.join(sorted(strange))}.")
        if self.models and not (self.folder / "migrations").is_dir():
            raise Wrong("It has tables, but no folder migrations/ that makes them.")


def _check_kinds(found: Mapping[str, list[Any]]) -> None:
    for hook, kinds in KINDS.items():
        for one in found.get(hook, ()):
            if not isinstance(one, kinds):
                wanted = " or ".join(kind.__name__ for kind in kinds)
                raise Wrong(f"{hook}() answers {type(one).__name__}, where {wanted} is wanted.")
    for name, said in found.get("words", ()):
        if not isinstance(said, Mapping) or not all(isinstance(text, str) for text in (name, *said, *said.values())):
            raise Wrong("words() answers pairs of a group and {code: text}.")


def declare(host: Host, plugin: Plugin) -> None:
    """Make it count, once for the process: rights, work, search, words, and the events that it listens to."""
    declared: Declared = plugin.declared
    for each in declared.permissions:
        access.declare(access.Permission(each.name, each.label, each.customer, each.roles))
    for job in declared.jobs:
        jobs.JOBS[job.name] = jobs.Job(job.name, _guarded_job(host, plugin, job.function), job.minutes, job.retries)
    for kind in declared.mail_kinds():
        mail_texts.KINDS[kind.name] = kind
    for source in declared.search_sources:
        search.declare(source)
    language.add_folder(declared.folder / "translations")
    if declared.models:
        migrate.INSTALLED.append(migrate.Owner(plugin.name, declared.folder / "migrations"))
    listener = next((each for each in host.implementations("on_event") if each.plugin is plugin), None)
    if listener is not None:
        _listen(host, plugin, listener)


def _guarded_job(host: Host, plugin: Plugin, function: Callable[..., Any]) -> Callable[..., Any]:
    """A failure counts as the plugin's, and is then the job's own: it is tried again as often as it says."""

    @wraps(function)
    def work(**arguments: Any) -> Any:
        if not (plugin.works and host.open(plugin.name, None)):
            return None
        depth = mending.depth()
        try:
            return copy_context().run(function, **arguments)
        except (jobs.NotNow, Busy, KeyboardInterrupt):
            raise
        except Exception as error:
            host.failed(plugin, "job", error, counts=not mending.is_of_the_database(error))
            raise
        except BaseException as error:
            raise host.failed(plugin, "job", error) from error
        finally:
            mending.put_right(depth)

    return work


def _listen(host: Host, plugin: Plugin, listener: Any) -> None:
    def hear(event: events.Event, actor: access.Actor) -> None:
        if plugin.works and host.open(plugin.name, event.customer_id):
            answer = host.call("on_event", listener, {"event": told(event), "actor": actor})
            if isinstance(answer, Failure):
                raise answer  # the outbox tries again, and parks it in the end

    events.subscribe(f"plugin {plugin.name}", "*", hear, wanted=lambda: plugin.works)
