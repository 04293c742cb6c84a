"""A house whose things end, and a clock to turn: for the tests of notices and calendars."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from registry.contracts.service import create_contract
from registry.kernel import clock, mail
from registry.kernel.access import Actor, visible
from registry.licences.service import create_licence
from registry.notices.announcing import announce
from registry.notices.models import Notice
from registry.notices.plans import change_plan
from registry.warranty.service import start_warranty
from registry.warranty.terms import TermsBody
from registry.warranty.terms_service import create_terms
from tests.houses import House, People

YEAR: dict[str, Any] = {
    "start_basis": "given",
    "covers_causes": ["module"],
    "coverages": [{"remedy": "repair", "period": "P1Y"}],
}
END = date(2027, 6, 30)  # a Wednesday
PLAIN: dict[str, Any] = {"quiet_from": None, "quiet_to": None}  # a plan without quiet hours


class Calendar:
    """acme with things of its own; `at` turns the clock."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.people: People = house.people()
        self.product = house.product("Switch", part_number="SW").id
        self.software = house.product("Editor", "software", part_number="ED").id
        create_terms(house.system, {"code": "year", "name": "One year", "body": TermsBody.from_dict(YEAR)})

    def plan(self, slug: str = "acme", **values: Any) -> Any:
        return change_plan(self.house.system, slug, {**PLAIN, **values}, 0)

    def unit(self, serial: str, ends_on: date | None = None, slug: str = "acme") -> Any:
        """An asset, with a year of warranty through `ends_on`."""
        asset = self.house.asset(slug, serial, product=self.product)
        if ends_on is not None:
            self.warranty(asset, ends_on)
        return asset

    def warranty(self, asset: Any, ends_on: date) -> Any:
        start = ends_on + timedelta(days=1)
        values = {"asset": asset.id, "terms": "year", "starts_on": start.replace(year=start.year - 1)}
        return start_warranty(self.house.system, values)

    def warranty_of_licence(self, licence: Any, ends_on: date) -> Any:
        start = ends_on + timedelta(days=1)
        values = {"licence": licence.id, "terms": "year", "starts_on": start.replace(year=start.year - 1)}
        return start_warranty(self.house.system, values)

    def licence(self, name: str, ends_on: date | None, slug: str = "acme", **values: Any) -> Any:
        row = {"customer": slug, "product": self.software, "name": name, "metric": "install", "ends_on": ends_on}
        return create_licence(self.house.system, {**row, **values})

    def contract(self, number: str, ends_on: date | None, slug: str = "acme", **values: Any) -> Any:
        row = {"customer": slug, "number": number, "title": f"Care {number}", "starts_on": date(2025, 1, 1)}
        return create_contract(self.house.system, {**row, "ends_on": ends_on, **values})

    def told(self) -> list[tuple[str, int, date, int]]:
        """What was announced: (topic, subject, last day, step), in order."""
        rows = visible(Notice, Actor.system()).order_by(Notice.id)
        return [(row.topic, row.subject_id, row.ends_on, row.step) for row in rows]

    def run(self) -> int:
        return int(announce())

    def mails(self) -> list[EmailMessage]:
        """Sends what is queued and takes all mails out of the folder, by reader."""
        while mail.carry():
            pass
        found = []
        for path in sorted((self.house.settings.data / "mail").glob("*.eml")):
            found.append(message_from_bytes(path.read_bytes(), policy=policy.default))
            path.unlink()
        return sorted(found, key=lambda one: str(one["To"]))  # type: ignore[return-value]


@contextmanager
def at(day: date, hour: int = 12, minute: int = 0, zone: str = "UTC") -> Iterator[None]:
    with clock.frozen(datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)):
        yield


def words_of(message: EmailMessage) -> str:
    return str(message.get_content())
