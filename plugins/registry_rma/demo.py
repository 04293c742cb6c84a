"""Cases for `assetcare demo`, told by the desk's own verbs as if each had been called on its day."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from registry.sdk import ANY_VERSION, Actor, children_of, clock, contact_by, customer_by, get_asset, product_of
from registry_rma import cases, moving, prices, quotes, tracks, trials
from registry_rma.demo_data import OWN_PRICES, PRICES, RUBEN, STORIES, Facts, Story
from registry_rma.facts import quote_of
from registry_rma.machine import STATES
from registry_rma.models import Line

Told = tuple[datetime, Callable[[], Any]]


def tell(actor: Actor, people: Mapping[str, Actor], units: Mapping[tuple[str, str], int]) -> None:
    """Everything in the order in which it happened, each at its moment."""
    with clock.frozen(clock.now() - timedelta(days=max(story.opened[0] for story in STORIES) + 1)):
        _set_prices(people[RUBEN])
    told = [each for story in STORIES for each in _Teller(actor, people, units, story).told()]
    for at, happens in sorted(told, key=lambda each: each[0]):
        with clock.frozen(at):
            happens()


def _set_prices(lead: Actor) -> None:
    for code, title, *amounts in PRICES:
        for (customer, currency), amount in zip(((None, "USD"), *OWN_PRICES), amounts, strict=True):
            price = {"code": code, "title": title, "amount_minor": amount, "currency": currency}
            prices.set_price(lead, {**price, "customer": customer})


class _Teller:
    """One story: `line` is there once its case was opened."""

    def __init__(
        self, actor: Actor, people: Mapping[str, Actor], units: Mapping[tuple[str, str], int], story: Story
    ) -> None:
        self.actor, self.people, self.story = actor, people, story
        customer, name, slot = story.unit
        self.customer = customer_by(actor, customer)
        asset = get_asset(actor, units[customer, name])
        self.asset = next(one for one in children_of(actor, asset) if one.slot == slot) if slot else asset
        self.line: Line | None = None

    def told(self) -> list[Told]:
        day, at, who = self.story.opened
        steps = [(day, at, who, "open", self.story.claim), *self.story.steps]
        return [(self._moment(day, at), self._step(who, what, facts)) for day, at, who, what, facts in steps]

    def _moment(self, day: int, at: str) -> datetime:
        zone = ZoneInfo(self.customer.time_zone)
        return datetime.combine(self._day(day), time.fromisoformat(at), zone)

    def _day(self, ago: int) -> Any:
        return self.today - timedelta(days=ago)

    @property
    def today(self) -> Any:
        return clock.today(self.customer.time_zone)

    def _step(self, who: str, what: str, facts: Facts) -> Callable[[], Any]:
        actor, ready = self.people[who], dict(facts)
        if "fault_on" in ready:
            ready["fault_on"] = self._day(ready["fault_on"])
        if what in STATES:
            return lambda: moving.move(actor, self._id, what, ready, version=ANY_VERSION)
        name, _, rest = what.partition(":")
        return lambda: getattr(self, f"_{name}")(actor, ready, *([rest] if rest else []))

    @property
    def _id(self) -> int:
        return int(self._line.id)

    @property
    def _line(self) -> Line:
        if self.line is None:
            raise LookupError("a story begins with its claim")
        return self.line

    def _open(self, actor: Actor, claim: Facts) -> None:
        about: dict[str, Any] = {name: claim.pop(name) for name in ("channel", "contact") if name in claim}
        if "contact" in about:
            about["contact"] = contact_by(self.actor, about["contact"], self.customer.id).id
        made = cases.open_case(actor, {"lines": [{"asset": self.asset.id, **claim}], **about})
        [self.line] = cases.lines_of(self.actor, made)

    def _confirm(self, actor: Actor, _facts: Facts) -> None:
        cases.confirm(actor, self._line.case_id, ANY_VERSION)

    def _test(self, actor: Actor, values: Facts) -> None:
        units = {one["name"]: one["unit"] for one in product_of(self.actor, self.asset).parameters}
        readings = [{"parameter": name, "value": value, "unit": units[name]} for name, value in values.items()]
        trials.record_test(actor, self._id, {"readings": readings}, ANY_VERSION)

    def _record(self, actor: Actor, facts: Facts) -> None:
        trials.write_record(actor, self._id, facts)

    def _quote(self, actor: Actor, items: Facts) -> None:
        wanted = [{"code": code, "quantity": count} for code, count in items.items()]
        quotes.offer(actor, self._id, {"items": wanted})

    def _accept(self, actor: Actor, _facts: Facts) -> None:
        quote = quote_of(actor, self._line)
        if quote is not None:
            quotes.accept(actor, quote.id, {}, quote.version)

    def _track(self, actor: Actor, facts: Facts, to: str = "") -> None:
        if not to:
            tracks.begin(actor, self._id, facts)
            return
        [track] = tracks.tracks_of(actor, self._line)
        tracks.step(actor, track.id, to, track.version)
