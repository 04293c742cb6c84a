"""Demo data: three customers with everything a tour needs, entered by the same verbs that everybody uses."""

import os
import secrets
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from registry.assets.models import Asset
from registry.assets.service import register_asset
from registry.contracts.duties import add_duty, record_done
from registry.contracts.lines import add_line
from registry.contracts.service import create_contract
from registry.customers.models import Customer
from registry.customers.places import create_contact, create_site
from registry.customers.service import assign_manager, create_customer, customers
from registry.demo_data import (
    AGREEMENTS,
    COMPANIES,
    FLEETS,
    HARDWARE,
    LICENCES,
    OFFICE,
    OPTICS,
    SOFTWARE,
    STAFF,
    Agreement,
    Batch,
    Company,
    Entitlement,
)
from registry.demo_optics import read_modules
from registry.demo_stories import Stories, ago
from registry.kernel.access import Actor
from registry.kernel.db import transaction
from registry.licences.assignments import assign
from registry.licences.service import create_licence
from registry.people.service import create_user
from registry.people.signin import actor_of
from registry.plugins.current import host
from registry.products.service import attach_document, create_product
from registry.settings import Settings
from registry.warranty.claims import agree_function
from registry.warranty.periods import Period, last_covered
from registry.warranty.service import start_warranty

FILE = "demo-accounts.txt"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for one another
YEAR = Period.parse("P1Y")
MAKER_OF_OPTICS = "Lumera"


def fill(settings: Settings) -> bool:
    """Fill an installation that has no customers; answers whether it did. All of it or nothing."""
    actor = Actor.system(name="demo data", kind="command")
    with transaction():
        if customers(actor).exists():
            return False
        demo = Demo(actor)
        demo.build()
        _keep(settings.data / FILE, demo.accounts)
    return True


def accounts(settings: Settings) -> list[str]:
    """Lines for people: the address, and whom to sign in as."""
    path = settings.data / FILE
    if not path.is_file():
        return ["This installation has customers of its own, so no demo data was added."]
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    address = settings.public_url or f"http://{host}:{settings.port}"
    return [f"Demo data is in place. Sign in at {address} as one of:", "", *path.read_text("utf-8").splitlines()]


def _keep(path: Path, made: list[tuple[str, str, str, str]]) -> None:
    """Passwords for the owner of the data folder alone, so that they can be shown again."""
    path.unlink(missing_ok=True)
    widths = [max(len(row[at]) for row in made) for at in range(3)]
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        for row in made:
            cells = [text.ljust(width) for text, width in zip(row[:3], widths, strict=True)]
            file.write("  ".join((*cells, row[3])).rstrip() + "\n")


class Demo:
    """Builds the demo installation. `accounts`: (e-mail, password, role, where) of everybody who may sign in."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.accounts: list[tuple[str, str, str, str]] = []
        self.users: dict[str, Any] = {}
        self.numbers: dict[str, int] = {}
        self.units: dict[tuple[str, str], int] = {}

    def build(self) -> None:
        for name, role, email in STAFF:
            self._user(name, role, email, OFFICE)
        self._catalogue()
        for company in COMPANIES:
            customer = self._customer(company)
            units = self._fleet(company, customer)
            self._licences(company, units)
            self._contract(company, units)
        self._stories()
        read_modules(self.actor, self.units)
        self._stories_of_plugins()

    def _user(self, name: str, role: str, email: str, where: str, customer: Customer | None = None) -> None:
        password = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
        profile = {"language": customer.language, "time_zone": customer.time_zone} if customer else {}
        customer_id = customer.id if customer else None
        self.users[email] = create_user(
            self.actor, email=email, role=role, customer_id=customer_id, password=password, name=name, **profile
        )
        self.accounts.append((email, password, role.replace("_", " "), where))

    def _catalogue(self) -> None:
        for part, maker, name, _prefix, price in HARDWARE:
            limits = [{"name": "Temperature", "unit": "°C", "min": 5, "max": 40}]
            self._product("hardware", part, maker, name, price, limits)
        for part, name, low, high, send_low, send_high, receive_low, receive_high, price in OPTICS:
            limits = [
                {"name": "Wavelength", "unit": "nm", "min": low, "max": high},
                {"name": "Tx power", "unit": "dBm", "min": send_low, "max": send_high},
                {"name": "Rx power", "unit": "dBm", "min": receive_low, "max": receive_high},
                {"name": "Temperature", "unit": "°C", "min": 0, "max": 70},
                {"name": "Supply voltage", "unit": "V", "min": 3.135, "max": 3.465},
            ]
            self._product("optic", part, MAKER_OF_OPTICS, name, price, limits)
        for part, maker, name in SOFTWARE:
            self._product("software", part, maker, name, None, [])

    def _product(
        self, kind: str, part: str, maker: str, name: str, price: int | None, limits: list[dict[str, Any]]
    ) -> None:
        values: dict[str, Any] = {"kind": kind, "part_number": part, "maker": maker, "name": name, "parameters": limits}
        if price is not None:
            values["list_price"] = {"amount_minor": price * 100, "currency": "USD"}
        product = create_product(self.actor, values)
        guide = {"kind": "guide", "title": f"{name}: operation and maintenance", "url": ""}
        attach_document(self.actor, product.id, guide)

    def _customer(self, company: Company) -> Customer:
        customer = create_customer(self.actor, {**company.values, "customer_since": ago(company.since)})
        slug = customer.slug
        assign_manager(self.actor, slug, self.users[company.manager].id)
        for name, city, province, country in company.sites:
            place = {"name": name, "city": city, "province": province, "country": country}
            create_site(self.actor, {"customer": slug, **place})
        roles = dict(company.users)
        for name, title, phone, trained in company.contacts:
            email = f"{_mailbox(name)}@{company.domain}"
            person = {"name": name, "title": title, "phone": phone, "trained": trained, "email": email}
            create_contact(self.actor, {"customer": slug, "site": company.sites[0][0], **person})
            if name in roles:
                self._user(name, roles[name], email, customer.name, customer)
        return customer

    def _fleet(self, company: Company, customer: Customer) -> list[Asset]:
        return [unit for batch in FLEETS[customer.slug] for unit in self._batch(company, batch)]

    def _batch(self, company: Company, batch: Batch) -> list[Asset]:
        made, slug = [], company.values["slug"]
        for n in range(1, batch.count + 1):
            day = ago(max(batch.age - batch.step * (n - 1), 2))
            where = {"site": company.sites[batch.site][0], "place": batch.place.format(n=n)}
            known = {"name": batch.name.format(n=f"{n:02d}"), "status": batch.status, **where}
            made.append(self._unit(company, batch.product, day, known, batch.terms))
            if known["name"]:
                self.units[slug, known["name"]] = made[-1].id
            slot = 0
            for part, count in batch.optics:
                for _ in range(count):
                    slot += 1
                    inside = {"parent": made[-1].id, "slot": f"Eth1/{slot}", "status": "in_use"}
                    self._unit(company, part, day + timedelta(days=slot % 3), inside, "optical-module")
        return made

    def _unit(self, company: Company, part: str, day: date, known: dict[str, Any], terms: str | None) -> Asset:
        number = self.numbers[company.tag] = self.numbers.get(company.tag, 0) + 1
        prefix = next((row[3] for row in HARDWARE if row[0] == part), "LMR")
        serial = f"{prefix}{(len(company.tag) * 1_299_709 + number * 7919) % 10_000_000:07d}"
        dates = {} if known["status"] == "planned" else {"purchased_on": day - timedelta(days=20), "delivered_on": day}
        slug = company.values["slug"]
        values = {"customer": slug, "product": part, "serial": serial, "tag": f"{company.tag}-{number:04d}"}
        unit = register_asset(self.actor, {**values, **dates, **known})
        if terms:
            start_warranty(self.actor, {"asset": unit.id, "terms": terms})
        return unit

    def _licences(self, company: Company, units: list[Asset]) -> None:
        for entry in LICENCES[company.values["slug"]]:
            self._licence(company, entry, units)

    def _licence(self, company: Company, entry: Entitlement, units: list[Asset]) -> None:
        slug, launched = company.values["slug"], ago(entry.launched)
        licence = create_licence(
            self.actor,
            {
                "customer": slug, "product": entry.product, "name": entry.name, "metric": entry.metric,
                "quantity": entry.quantity, "purchased_on": launched - timedelta(days=30), "launched_on": launched,
                "starts_on": launched, "key": "-".join(secrets.token_hex(3).upper() for _ in range(4)),
                "ends_on": None if entry.ends is None else ago(-entry.ends),
                "maintenance_until": None if entry.maintenance is None else ago(-entry.maintenance),
            },
        )  # fmt: skip
        users = [{"asset": unit.id} for unit in units if entry.on and unit.name.startswith(entry.on)]
        people = [{"contact": name} for name, *_ in company.contacts]
        for user in (users or people)[: entry.uses]:
            assign(self.actor, licence.id, {**user, "assigned_on": launched})
        start_warranty(self.actor, {"licence": licence.id, "terms": "software"})
        for name in entry.functions:
            parties = {"customer_party": company.contacts[0][0], "our_party": self.users[company.manager].name}
            agree_function(self.actor, {"licence": licence.id, "name": name, "agreed_on": launched, **parties})

    def _contract(self, company: Company, units: list[Asset]) -> None:
        slug = company.values["slug"]
        agreed: Agreement = AGREEMENTS[slug]
        start = ago(agreed.started)
        contract = create_contract(
            self.actor,
            {
                "customer": slug, "number": agreed.number, "title": agreed.title, "starts_on": start,
                "ends_on": last_covered(start, YEAR), "renewal": "tacit", "renewal_period": "P1Y", "notice_days": 90,
                "policy": company.values["policy"], "satisfaction_target": agreed.target,
            },
        )  # fmt: skip
        for line in agreed.lines:
            named = {**line, "site": company.sites[line["site"]][0]} if "site" in line else line
            add_line(self.actor, contract.id, named)
        for duty in agreed.duties:
            self._duty(contract.id, dict(duty))
        for unit in units:
            if agreed.onsite and unit.name.startswith(agreed.onsite):
                terms = {"terms": "on-site-support", "kind": "contract", "contract": agreed.number}
                start_warranty(self.actor, {"asset": unit.id, "starts_on": start, **terms})

    def _duty(self, contract_id: int, duty: dict[str, Any]) -> None:
        done, first = duty.pop("done", ()), duty.pop("first", None)
        made = add_duty(self.actor, contract_id, {**duty, **({} if first is None else {"due_on": ago(first)})})
        for days in done:
            record_done(self.actor, contract_id, made.id, {"done_on": ago(days), "done_by": STAFF[4][0]})

    def _stories(self) -> None:
        """What a tour wants to show: an extended warranty, a void one, a replacement, a unit that waits for a date."""
        engineer = actor_of(self.users[STAFF[4][2]])
        Stories(engineer, actor_of(self.users[STAFF[1][2]])).tell()

    def _stories_of_plugins(self) -> None:
        people = {email: actor_of(user) for email, user in self.users.items()}
        for _answer in host().answers("demo", actor=self.actor, people=people, units=self.units):
            pass  # it was told; a failure stands in the log


def _mailbox(name: str) -> str:
    """Katrin Vogel -> katrin.vogel; Tobias Krüger -> tobias.krueger."""
    plain = name.lower()
    for letter, written in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "-": ""}.items():
        plain = plain.replace(letter, written)
    return ".".join(plain.split())
