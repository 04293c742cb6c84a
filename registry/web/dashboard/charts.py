"""The charts of the first pages: what is counted, in words, with the lists that it leads to."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for

from registry.kernel import language
from registry.kernel.language import _, ngettext
from registry.kernel.phrases import month_in
from registry.products.kinds import KINDS
from registry.warranty.covered import COVERED
from registry.warranty.endings import month_after
from registry.warranty.summary import LICENCE, Counts
from registry.warranty.vocabulary import REMEDIES
from registry.web.dashboard.figures import MONTHS, Figures
from registry.web.dashboard.geometry import Chart, Group, Segment, columns, rows
from registry.web.words.codes import word


def cover_chart(cover: Counts) -> Chart:
    """How many units of each kind are in which state."""
    kinds = dict.fromkeys((*KINDS, *sorted(cover.keys() - {LICENCE}), LICENCE))
    return rows([_kind(kind, cover[kind]) for kind in kinds if sum(cover.get(kind, {}).values())], COVERED)


def _kind(kind: str, counts: Mapping[str, int]) -> Group:
    label = _("Licences") if kind == LICENCE else word("kind", kind)

    def url(**more: Any) -> str:
        if kind == LICENCE:
            return url_for("licences.list_licences", **more)
        return url_for("assets.list_assets", kind=kind, **more)

    segments = tuple(
        Segment(state, counts[state], _said(label, word("covered", state), counts[state]), url(covered=state))
        for state in COVERED
    )
    return Group(label, segments, label, url())


def ends_chart(found: Figures, today: date) -> Chart:
    """Which remedies end, month by month: one counts once for each asset that it ends on. The assets stand beside."""
    return columns([_month(found, first) for first in _months(today)], tuple(REMEDIES))


def _months(today: date) -> list[date]:
    return [month_after(today.replace(day=1), number) for number in range(MONTHS)]


def _month(found: Figures, first: date) -> Group:
    name, counts = f"{first:%Y-%m}", found.ends.get(f"{first:%Y-%m}", {})
    label = _in_words("yMMMM", first)
    segments = tuple(
        Segment(remedy, counts[remedy], _said(label, word("remedy", remedy), counts[remedy]),
                url_for("assets.list_assets", ends_in=f"{name}:{remedy}"))
        for remedy in REMEDIES if remedy in counts
    )  # fmt: skip
    url = url_for("assets.list_assets", ends_in=name) if counts else ""
    units = found.units_ending.get(name, 0)
    said = _ending(label, sum(counts.values()), units) if counts else label
    return Group(said, segments, label, url, behind=units, **month_tick(first))


def house_chart(ends: Mapping[str, int], today: date) -> Chart:
    """How many assets of all customers have their last covered day in which month."""
    return columns([_month_of_all(ends, first) for first in _months(today)], ("ending",))


def _month_of_all(ends: Mapping[str, int], first: date) -> Group:
    count, label = ends.get(f"{first:%Y-%m}", 0), _in_words("yMMMM", first)
    within: dict[str, Any] = {"covered_until_from": first, "covered_until_before": month_after(first)}
    url = url_for("house_assets.list_assets", **within) if count else ""
    said = _with_number(label, count)
    return Group(said if count else label, (Segment("ending", count, said, url),), label, url, **month_tick(first))


def _said(what: str, state: str, count: int) -> str:
    return _("%(what)s, %(state)s: %(count)s", what=what, state=state, count=count)


def _ending(label: str, remedies: int, units: int) -> str:
    return ngettext("%(month)s: %(num)s remedy ends. Assets: %(assets)s",
                    "%(month)s: %(num)s remedies end. Assets: %(assets)s",
                    remedies, month=label, assets=f"{units:,}")  # fmt: skip


def _with_number(label: str, count: int) -> str:
    return ngettext("%(month)s: %(num)s asset", "%(month)s: %(num)s assets", count, month=label)


def month_tick(first: date) -> dict[str, Any]:
    """The month, its year below each January and the first of all; every third is named on a phone, too."""
    year = str(first.year) if first.month == 1 else ""
    return {"short": _in_words("MMM", first), "below": year, "major": first.month % 3 == 1}


def _in_words(skeleton: str, day: date) -> str:
    return month_in(day, language.current(), skeleton)
