"""May this decision be recorded? Pure checks: each answers by field what is missing or wrong.

A record says which remedy was chosen, whether the customer pays and why, and which contract it stands on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from registry.kernel.codes import Codes
from registry.kernel.language import _, quoted

from .decision import Decision
from .facts import Facts, Reading
from .offers import Offer
from .vocabulary import REMEDIES

NO_CONTRACT = "none"
"""What is given for `contract` to say in so many words that there is none."""

Problem = tuple[str, str]
Problems = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Approval:
    """Who of the operator approved it, and on which day."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote: `amount` in minor units of `currency` (ISO 4217), accepted in writing by whom and when."""

    amount: int
    currency: str
    accepted_by: str | None = None
    accepted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be recorded. `work_on`: the day on which work starts."""

    decision: Decision
    facts: Facts
    remedy: str
    charge: bool | None
    charge_reason: str
    deviation_reason: str
    contract: str | None
    approval: Approval | None
    quote: Quote | None
    work_on: date

    @property
    def offer(self) -> Offer | None:
        return next((offer for offer in self.decision.remedies if offer.remedy == self.remedy), None)

    @property
    def owed_free(self) -> bool:
        return self.offer is not None and self.offer.charge == "free"

    @property
    def without_contract(self) -> bool:
        return self.contract == NO_CONTRACT

    @property
    def explained(self) -> bool:
        return bool(self.deviation_reason.strip())


def _known(choice: Choice) -> Iterable[Problem]:
    if choice.remedy not in REMEDIES:
        yield "remedy", _("Remedy must be one of: %(known)s.", known=Codes(tuple(REMEDIES), "remedy"))


def _return(choice: Choice) -> Iterable[Problem]:
    """A return is the customer's, never staff's, and only after a failed repair."""
    if choice.remedy != "return":
        return
    if not choice.facts.failed("repair", "replacement"):
        yield (
            "remedy",
            _("Return is possible only after the repaired unit has failed its test; record that test."),
        )
    if choice.facts.chosen_by != "customer":
        yield "chosen_by", _("Return is the customer's choice; record that the customer chose it.")


def _deviation(choice: Choice) -> Iterable[Problem]:
    """Only the first remedy goes without saying, and what the customer may choose himself."""
    first = next((offer.remedy for offer in choice.decision.remedies), None)
    customers_own = choice.offer is not None and choice.offer.chosen_by == "customer"
    if choice.explained or choice.remedy == first or customers_own:
        return
    title = _(REMEDIES[choice.remedy].title) if choice.remedy in REMEDIES else choice.remedy
    proposed = _(REMEDIES[first].title) if first else None
    if proposed:
        told = _("Give the reason for %(title)s: the proposal is %(proposed)s.", title=title, proposed=proposed)
    else:
        told = _("Give the reason for %(title)s: nothing is owed.", title=title)
    yield "deviation_reason", told


def _charge(choice: Choice) -> Iterable[Problem]:
    if choice.charge is None:
        yield "charge", _("Say whether the customer is charged: true or false.")
    if not choice.charge_reason.strip():
        yield "charge_reason", _("Give the reason why the customer is charged or not.")


def _charge_fits(choice: Choice) -> Iterable[Problem]:
    """Charging for what is owed and giving away what is not are deviations."""
    if choice.charge is None or choice.explained or choice.charge != choice.owed_free:
        return
    if choice.charge:
        yield "deviation_reason", _("This remedy is owed free of charge; give the reason for charging it.")
    else:
        yield "deviation_reason", _("This remedy is not owed; give the reason for not charging it.")


def _contract(choice: Choice) -> Iterable[Problem]:
    """Service stands on a contract; without one it is charged and approved, unless a warranty owes it."""
    if not (choice.contract or "").strip():
        yield (
            "contract",
            _("Name the contract, or give %(no_contract)s if there is none.", no_contract=quoted(NO_CONTRACT)),
        )
    if not choice.without_contract or choice.owed_free:
        return
    if choice.charge is False:
        yield "charge", _("Without a contract the service is charged, as no warranty owes it.")
    if choice.approval is None or not choice.approval.by.strip():
        yield "approval", _("Without a contract somebody must approve the service; say who and when.")
    elif choice.approval.on > choice.work_on:
        yield "approval", _("The approval must not be later than the start of work.")


def _quote(choice: Choice) -> Iterable[Problem]:
    """Charged work starts after a quote has been accepted in writing."""
    if not choice.charge:
        return
    quote = choice.quote
    if quote is None:
        yield "quote", _("Give the quote at list price that the customer accepted before work starts.")
        return
    if type(quote.amount) is not int or quote.amount <= 0:
        yield "quote.amount", _("Amount must be a whole number of minor units above 0.")
    if (
        not (quote.currency.isascii() and quote.currency.isalpha() and quote.currency.isupper())
        or len(quote.currency) != 3
    ):
        yield "quote.currency", _("Currency must be three capital letters such as HKD.")
    yield from _acceptance(quote, choice.work_on)


def _acceptance(quote: Quote, work_on: date) -> Iterable[Problem]:
    if not (quote.accepted_by or "").strip():
        yield "quote.accepted_by", _("The quote is not accepted: say who accepted it.")
    if quote.accepted_on is None:
        yield "quote.accepted_on", _("The quote is not accepted: say on which day it was.")
    elif quote.accepted_on > work_on:
        yield "quote.accepted_on", _("The quote was accepted after work starts on %(work_on)s.", work_on=work_on)


CHECKS: tuple[Callable[[Choice], Iterable[Problem]], ...] = (
    _known,
    _return,
    _deviation,
    _charge,
    _charge_fits,
    _contract,
    _quote,
)


def validate_choice(
    decision: Decision,
    facts: Facts,
    remedy: str,
    *,
    charge: bool | None = None,
    charge_reason: str = "",
    deviation_reason: str = "",
    contract: str | None = None,
    approval: Approval | None = None,
    quote: Quote | None = None,
    work_on: date | None = None,
) -> Problems:
    """What stands against recording this choice: field to messages, empty when nothing does.

    `contract`: the name of the contract or `NO_CONTRACT`. `work_on`: start of work, else the decision's day.
    """
    choice = Choice(
        decision,
        facts,
        remedy,
        charge,
        charge_reason,
        deviation_reason,
        contract,
        approval,
        quote,
        work_on or decision.on,
    )
    return _by_field(problem for check in CHECKS for problem in check(choice))


def outcome_of_test(tests: Iterable[Reading], after: str = "repair") -> str | None:
    """`passed`, `failed` (a value outside its limits) or None without a test of that work."""
    relevant = [test for test in tests if test.after == after]
    if not relevant:
        return None
    return "failed" if any(test.outside for test in relevant) else "passed"


def check_test_record(tests: Iterable[Reading], after: str = "repair") -> Problems:
    """May the work be closed? Not without a test record: a parameter, its limit and the value measured."""
    relevant = [test for test in tests if test.after == after]
    if not relevant:
        return {"tests": [_("Record the test after the %(after)s: parameter, limit and value measured.", after=after)]}
    without = [test.parameter for test in relevant if test.limit_min is None and test.limit_max is None]
    return {"tests": [_("Give the limits of: %(known)s.", known=", ".join(without))]} if without else {}


def _by_field(problems: Iterable[Problem]) -> Problems:
    by_field: Problems = {}
    for name, message in problems:
        by_field.setdefault(name, []).append(message)
    return by_field
