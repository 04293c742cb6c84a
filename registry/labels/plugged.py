"""What plugins say about labels: what stands on them, which one a unit gets, and where a scan leads."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice

from registry.assets.models import Asset
from registry.kernel.access import Actor, visible
from registry.labels.resolving import Meaning, declare_resolver
from registry.labels.scanning import Opened, declare_target
from registry.labels.templates import Field, Subject, Template, declare_chooser, declare_field, declare_template
from registry.plugins.current import host
from registry.plugins.host import Failure, Plugin
from registry.plugins.records import LabelField

MOST_UNITS = 20
PATH = re.compile(r"/(?![/\\])[!-~]*\Z")  # here, and no other house's address


def take_in() -> None:
    """The fields and templates of plugins; one that names a field that nobody knows keeps its plugin out."""
    for plugin in host().working():
        try:
            for each in sorted(plugin.declared.label_templates, key=lambda one: not isinstance(one, LabelField)):
                if isinstance(each, LabelField):
                    declare_field(_field(plugin, each))
                else:
                    declare_template(Template(each.name, each.title, each.fields))
        except LookupError as error:
            if host().strict:
                raise
            host().remove(plugin, f"A hook does not fit the contract: {error}")


def _field(plugin: Plugin, each: LabelField) -> Field:
    def say(subject: Subject) -> str:
        if not (plugin.works and host().open(plugin.name, None)):
            return ""
        said = host().guarded(plugin, "label", each.say, asdict(subject))
        return said if isinstance(said, str) else ""

    return Field(each.name, each.title, say, each.bold, each.whole)


@declare_chooser
def _chosen(subject: Subject) -> str | None:
    found = host().first("label_for", None, subject=asdict(subject)) if host().implementations("label_for") else None
    return found if isinstance(found, str) else None


@declare_target
def _led(actor: Actor, opened: Opened) -> str | None:
    if not host().implementations("scan_target"):
        return None
    unit = {name: getattr(opened, name) for name in ("asset_id", "customer_id", "slug", "code")}
    found = host().first("scan_target", opened.customer_id, unit=unit, actor=actor)
    return found if isinstance(found, str) and PATH.match(found) else None


def _meant(actor: Actor, text: str) -> Meaning | None:
    if not host().implementations("scanned"):
        return None
    for plugin, answer in host().answers("scanned", None, text=text, actor=actor):
        if answer is None or isinstance(answer, Failure):
            continue
        wanted = host().guarded(plugin, "scanned", _ids, answer)
        if isinstance(wanted, Failure):
            continue
        seen = visible(Asset, actor.where("asset.view"), Asset.id).where(Asset.id.in_(wanted)).tuples()
        return Meaning(plugin.name, None, [row[0] for row in seen])
    return None


def _ids(answer: Iterable[int]) -> list[int]:
    return [one for one in map(int, islice(answer, MOST_UNITS)) if 0 < one < 2**63]


declare_resolver("plugins", _meant)
