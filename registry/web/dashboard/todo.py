"""What needs somebody: lines with a number and a way to what settles it, the most pressing first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from registry.kernel.access import Actor
from registry.kernel.language import _, ngettext
from registry.web.dashboard.figures import SOON, Figures, HouseFigures
from registry.web.navigation import url_if


@dataclass(frozen=True, slots=True)
class Todo:
    """`tone`: bad, warn or "". `act`: what the way is called where it does more than show them."""

    tone: str
    count: int
    text: str
    url: str
    act: str = ""


def _list(endpoint: str, **filters: Any) -> str:
    asked: dict[str, Any] = {name: str(value) for name, value in filters.items()}
    return url_for(endpoint, **asked)


def pressing(who: Actor, customer: Any, found: Figures, today: date) -> list[Todo]:
    """What cannot wait, of what he may see."""

    def may(permission: str) -> bool:
        return who.can(permission, customer.id)

    lines: list[Todo] = []
    if may("contract.view"):
        lines += [*_duties(found), *_contracts(found, today)]
    if may("licence.view"):
        lines += _licences(found, today, may("warranty.view"))
    if may("warranty.view") and may("asset.view"):
        lines += _states(found)
    return sorted(lines, key=lambda line: ("bad", "warn", "").index(line.tone))


def _duties(found: Figures) -> list[Todo]:
    if not (number := len(found.overdue)):
        return []
    contracts = {one.contract_id for one in found.overdue}
    page = url_if("contracts.show_contract", contract_id=found.overdue[0].contract_id) if len(contracts) == 1 else None
    text = ngettext("%(num)s duty of a contract is overdue", "%(num)s duties of contracts are overdue", number)
    return [Todo("bad", number, text, page or _list("contracts.list_contracts", state="active"))]


def _contracts(found: Figures, today: date) -> list[Todo]:
    if not (number := found.contracts_ending):
        return []
    text = ngettext("%(num)s contract ends within 90 days", "%(num)s contracts end within 90 days", number)
    return [Todo("warn", number, text, _list("contracts.list_contracts", state="active", ends_before=today + SOON))]


def _licences(found: Figures, today: date, cover: bool) -> Iterator[Todo]:
    if number := found.over_used:
        text = ngettext("%(num)s licence is used beyond its number", "%(num)s licences are used beyond their number",
                        number)  # fmt: skip
        yield Todo("bad", number, text, _list("licences.list_licences", over_used="true"))
    if number := found.licences_ending:
        text = ngettext("%(num)s licence ends within 90 days", "%(num)s licences end within 90 days", number)
        yield Todo("warn", number, text,
                   _list("licences.list_licences", ends_from=today, ends_before=today + SOON))  # fmt: skip
    if cover and (number := found.licences_expiring):
        text = ngettext("%(num)s licence is covered for less than 90 more days",
                        "%(num)s licences are covered for less than 90 more days", number)  # fmt: skip
        yield Todo("warn", number, text, _list("licences.list_licences", covered="expiring"))


def _states(found: Figures) -> Iterator[Todo]:
    if number := found.state("void"):
        text = ngettext("%(num)s asset has lost its warranty", "%(num)s assets have lost their warranty", number)
        yield Todo("bad", number, text, _list("assets.list_assets", covered="void"))
    if number := found.state("expiring"):
        text = ngettext("%(num)s asset is covered for less than 90 more days",
                        "%(num)s assets are covered for less than 90 more days", number)  # fmt: skip
        yield Todo("warn", number, text, _list("assets.list_assets", covered="expiring"))


def to_complete(who: Actor, customer: Any, found: Figures, manager: str | None) -> list[Todo]:
    """What the registry does not know yet, and should."""

    def may(permission: str) -> bool:
        return who.can(permission, customer.id)

    lines: list[Todo] = []
    if not manager:
        way = url_if("company.edit_customer") if may("customer.edit") else None
        lines.append(Todo("warn", 1, _("Nobody is account manager"), way or "", _("Choose somebody") if way else ""))
    if may("warranty.view"):
        lines += _gaps(found, may)
    if may("asset.view"):
        lines += _places(found)
    if may("licence.view") and (number := found.unused):
        text = ngettext("%(num)s licence is used by nobody", "%(num)s licences are used by nobody", number)
        lines.append(Todo("", number, text, _list("licences.list_licences", unused="true")))
    return lines + list(_company(found, may("customer.contacts") or may("customer.edit")))


def _gaps(found: Figures, may: Callable[[str], bool]) -> Iterator[Todo]:
    if number := found.waiting:
        text = ngettext("%(num)s warranty waits for the date it starts on",
                        "%(num)s warranties wait for the date they start on", number)  # fmt: skip
        yield Todo("warn", number, text, _list("warranties.list_warranties", waiting="true"))
    if (number := found.state("none")) and may("asset.view"):
        text = ngettext("%(num)s asset is not covered", "%(num)s assets are not covered", number)
        yield Todo("", number, text, _list("assets.list_assets", covered="none"))


def _places(found: Figures) -> Iterator[Todo]:
    if number := found.same_serial:
        text = ngettext("%(num)s asset shares its serial number with another",
                        "%(num)s assets share their serial number with another", number)  # fmt: skip
        yield Todo("warn", number, text, _list("assets.list_assets", same_serial="true"))
    if number := found.without_site:
        text = ngettext("%(num)s asset is at no site", "%(num)s assets are at no site", number)
        yield Todo("", number, text, _list("assets.list_assets", without_site="true"))


def _company(found: Figures, may_edit: bool) -> Iterator[Todo]:
    if not found.sites:
        way = url_if("sites.new_site") if may_edit else None
        yield Todo("", 0, _("No site is known"), way or "", _("Add a site") if way else "")
    if not found.contacts:
        way = url_if("contacts.new_contact") if may_edit else None
        yield Todo("", 0, _("Nobody to talk to is known"), way or "", _("Add a contact") if way else "")


def of_house(found: HouseFigures, today: date) -> list[Todo]:
    """The same about all customers together."""
    lines = [
        ("bad", len(found.overdue), _("Duties overdue"), url_for("house_dashboard.overview", _anchor="duties")),
        ("bad", found.over_used, _("Licences used beyond their number"),
         _list("house_licences.list_licences", over_used="true")),
        ("warn", found.unmanaged, _("Customers without account manager"), _list("home.home", without_manager="true")),
        ("warn", found.contracts_ending, _("Contracts that end within 90 days"),
         _list("house_contracts.list_contracts", state="active", ends_before=today + SOON)),
        ("warn", found.ending, _("Assets whose cover ends within 90 days"),
         _list("house_assets.list_assets", covered_until_from=today, covered_until_before=today + SOON)),
        ("warn", found.waiting, _("Warranties that wait for a date"),
         _list("house_warranties.list_warranties", waiting="true")),
        ("warn", found.same_serial, _("Assets that share a serial number"),
         _list("house_assets.list_assets", same_serial="true")),
        ("", found.bare, _("Assets that are not covered"), _list("house_assets.list_assets", covered="none")),
        ("", found.without_site, _("Assets at no site"), _list("house_assets.list_assets", without_site="true")),
    ]  # fmt: skip
    return [Todo(*line) for line in lines if line[1]]
