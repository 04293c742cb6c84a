"""Several readings of one module over time: what may be claimed, and what is only an observation.

A claim needs the same kind of failure of the same lane in several readings over a day or more, each with the port
stated to be up and the module within its limits for temperature and supply voltage. A receiver needs a proof besides: a
loopback or a swap that points at the module. A transmitter that is too weak at a normal current needs to have been
cleaned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from registry.kernel.language import N_, _
from registry.optics.decoder.records import CLAIMABLE, Module, Port
from registry.optics.verdicts.ageing import rises
from registry.optics.verdicts.judging import LOUDNESS, is_up, judge
from registry.optics.verdicts.reasons import Reason, Value, What
from registry.optics.verdicts.states import ALARMS, states_of

NEEDED = 3
HOURS = 24

_TRANSMITTER = frozenset({"transmitter_fault", "laser_dead", "worn_laser", "worn_since_baseline", "out_of_spec"})
ABOUT_LANES = {  # the reasons on which a verdict rests
    **dict.fromkeys(CLAIMABLE, _TRANSMITTER),
    "clean_and_retest": frozenset({"transmit_low", "transmit_low_alone"}),
    "link_or_far_end": frozenset({"receive_low", "receive_low_too"}),
}
UNDECIDED = "undecided_needs_port_state"
FAILING = (*CLAIMABLE, "clean_and_retest", "link_or_far_end")
_UNSAID = (UNDECIDED, "no_dom", "dom_unreliable")  # neither for nor against a failure

SENTENCES = {
    "no_reading": N_("There is no reading of this module yet. Upload one."),
    "one_reading": N_("This is a single reading, which is an observation and proves nothing. Read the module again."),
    "not_persistent": N_(
        "Readings that agree: %(have)s of %(needed)s, over %(span)s of %(hours)s hours. Read the module again later."
    ),
    "persistent": N_("%(have)s readings agree, over %(span)s hours."),
    "port_not_stated": N_(
        "The newest reading does not say that the port is up, so that it does not count towards a claim. Read the"
        " module again with the state of the port."
    ),
    "not_counted": N_(
        "No reading counts towards a claim: either none says that the port is up, or the module's values are within the"
        " limits that it says they are beyond. Read the module again with the state of the port."
    ),
    "conditions": N_(
        "In a reading that would count, temperature or supply voltage was beyond its limits: the module was not used as"
        " its data sheet says, which has to be settled first."
    ),
    "own_limits": N_(
        "The limits that this rests on are the customer's own, which carry no claim. A claim needs those of the module"
        " or of the house's profile."
    ),
    "needs_proof": N_(
        "A claim on the receiver needs a loopback or a swap that points at this module. Make one and put it on record."
    ),
    "proven": N_("A loopback or swap on record points at this module: its receiver has failed."),
    "proven_elsewhere": N_("A loopback or swap on record shows that this module's receiver works: look at the link."),
    "cleaned": N_(
        "The connector was cleaned, and the transmit power is still beyond its alarm limit: the transmitter is outside"
        " its specification."
    ),
    "ageing": N_(
        "The laser of lane %(lane)s needs %(now)s where it needed %(before)s when the module was put into service, at a"
        " similar temperature. It is ageing; this alone is no failure. Have a spare at hand."
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a module said at one time. `port`: its state then, where the module's own record does not tell."""

    at: datetime
    module: Module
    port: Port | None = None

    def whole(self) -> Module:
        """The module with the state of its port."""
        if self.port is None or self.module.port.admin_up is not None or self.module.port.oper_up is not None:
            return self.module
        return replace(self.module, port=Port(self.module.port.name, self.port.admin_up, self.port.oper_up))


@dataclass(frozen=True, slots=True)
class Proof:
    """A test on record. `module_failed`: whether it points at this module. "cleaned" says only that it was done."""

    kind: Literal["loopback", "swap", "cleaned"]
    at: datetime
    module_failed: bool = True


@dataclass(frozen=True, slots=True)
class Note(Reason):
    """A sentence about the series."""

    def said(self) -> str:
        return _(SENTENCES[self.code], **self.values)

    def __str__(self) -> str:
        return self.said()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on the newest evidence, whether it can carry a claim, why, and what is only advice."""

    verdict: str
    claimable: bool
    reasons: tuple[Reason, ...]
    advice: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    at: datetime
    module: Module
    verdict: str
    reasons: tuple[Reason, ...]

    def lanes(self) -> frozenset[int]:
        """The lanes on which its verdict rests; 0 for the only one of a module."""
        codes = ABOUT_LANES.get(self.verdict, frozenset())
        named = {_lane_of(reason) for reason in self.reasons if reason.code in codes}
        return frozenset(named) if len(self.module.lanes) > 1 else frozenset({0})

    def is_disputed(self) -> bool:
        """Whether the module's flags and its values disagree about something on which the verdict rests."""
        codes = ABOUT_LANES.get(self.verdict, frozenset())
        rests = {value for reason in self.reasons if reason.code in codes for value in reason.values.values()
                 if isinstance(value, What)}  # fmt: skip
        return any(reason.values["what"] in rests for reason in self.reasons if reason.code == "flags_disagree")


def _lane_of(reason: Reason) -> int:
    what = reason.values.get("what")
    return what.lane if isinstance(what, What) else int(reason.values.get("lane", 0))


def conclude(
    series: Iterable[Reading],
    *,
    baseline: Module | None = None,
    needed: int = NEEDED,
    hours: float = HOURS,
    proofs: Sequence[Proof] = (),
) -> Conclusion:
    """What a series of readings of one module, in any order, allows to say now.

    The verdict is that of the newest reading that measures anything, in the quietest form of those that agree with it.
    `needed` readings at different times over at least `hours` make a failure persistent; one that says nothing of it,
    such as of a port that is switched off, is passed over, and ends no run.
    """
    judged = _judged(series, baseline)
    if not judged:
        return Conclusion("no_dom", False, (Note("no_reading"),))
    newest = next((each for each in reversed(judged) if each.verdict != "no_dom"), judged[-1])
    told = next((each for each in reversed(judged) if each.verdict not in _UNSAID), newest)
    run = _run(judged, told)
    if told.verdict == "clean_and_retest":
        concluded = _cleaned(run, proofs, needed, hours)
    elif told.verdict == "link_or_far_end":
        concluded = _receiver(run, proofs, needed, hours)
    else:
        concluded = _transmitter(told.verdict, run, needed, hours)
    verdict, claimable, notes = concluded
    if newest is not told:  # what was before says nothing of now, neither good nor bad
        notes = [Note("port_not_stated")] if newest.verdict == UNDECIDED and told.verdict in FAILING else []
        verdict, claimable = newest.verdict, False
    return Conclusion(verdict, claimable, (*newest.reasons, *notes), _advice(newest.module, baseline))


def _judged(series: Iterable[Reading], baseline: Module | None) -> list[_Judged]:
    """In order of time; of two readings of one moment the later one given counts."""
    at_once = {reading.at: reading for reading in series}
    found = []
    for at in sorted(at_once):
        module = at_once[at].whole()
        found.append(_Judged(at, module, *judge(module, baseline=baseline)))
    return found


def _run(judged: list[_Judged], told: _Judged) -> list[_Judged]:
    """The readings up to `told` that agree with it without a break, all of them about one lane at least; those that
    say nothing are passed over."""
    run: list[_Judged] = []
    lanes = told.lanes()
    for each in reversed(judged):
        if each.at > told.at or each.verdict in _UNSAID:
            continue
        common = lanes & each.lanes()
        if not _agree(each.verdict, told.verdict) or not common:
            break
        run.append(each)
        lanes = common
    return run[::-1]


def _agree(one: str, other: str) -> bool:
    return one == other or (one in CLAIMABLE and other in CLAIMABLE)


def _counting(run: list[_Judged]) -> list[_Judged]:
    return [each for each in run if is_up(each.module.port) and not each.is_disputed()]


def _transmitter(verdict: str, run: list[_Judged], needed: int, hours: float) -> tuple[str, bool, list[Reason]]:
    if verdict not in CLAIMABLE:
        return (verdict, False, [])
    counting = _counting(run)
    enough, notes = _persistent(counting, needed, hours)
    verdict = min((each.verdict for each in counting or run), key=LOUDNESS.index) if enough else verdict
    if enough and not _in_conditions(counting):
        return verdict, False, [*notes, Note("conditions")]
    return verdict, enough, notes


def _receiver(run: list[_Judged], proofs: Sequence[Proof], needed: int, hours: float) -> tuple[str, bool, list[Reason]]:
    tests = sorted((proof for proof in proofs if proof.kind != "cleaned"), key=lambda proof: proof.at)
    tests = [proof for proof in tests if proof.at >= run[0].at]
    if not tests:
        return "link_or_far_end", False, [Note("needs_proof")]
    if not tests[-1].module_failed:
        return "link_or_far_end", False, [Note("proven_elsewhere")]
    counting = _counting(run)
    enough, notes = _persistent(counting, needed, hours)
    if enough and not _in_conditions(counting):
        return "link_or_far_end", False, [*notes, Note("conditions")]
    return "link_or_far_end", enough, [Note("proven"), *notes]


def _cleaned(run: list[_Judged], proofs: Sequence[Proof], needed: int, hours: float) -> tuple[str, bool, list[Reason]]:
    """What stays weak after cleaning is outside its specification; the readings since then count."""
    cleanings = [proof.at for proof in proofs if proof.kind == "cleaned"]
    since = [each for each in run if cleanings and each.at > max(cleanings)]
    counting = [each for each in _counting(since) if _in_alarm(each.module)]
    if not counting or counting[-1] is not run[-1]:
        return "clean_and_retest", False, []
    enough, notes = _persistent(counting, needed, hours)
    if not enough:
        return "clean_and_retest", False, notes
    if not _in_conditions(counting):
        return "clean_and_retest", False, [*notes, Note("conditions")]
    return "transmitter_out_of_spec", True, [Note("cleaned"), *notes]


def _persistent(counting: list[_Judged], needed: int, hours: float) -> tuple[bool, list[Reason]]:
    if not counting:
        return False, [Note("not_counted")]
    span = (counting[-1].at - counting[0].at) / timedelta(hours=1)
    enough = len(counting) >= max(needed, 1) and span >= hours
    said = {"have": len(counting), "needed": needed, "span": f"{span:.1f}", "hours": f"{hours:g}"}
    if enough:
        return True, [Note("persistent", said)]
    first = [Note("one_reading")] if len(counting) == 1 else []
    return False, [*first, Note("not_persistent", said)]


def _in_conditions(counting: list[_Judged]) -> bool:
    """Whether no reading that counts was taken beyond an alarm limit of temperature or supply voltage."""
    return not any(
        states_of(each.module)[name] in ALARMS for each in counting for name in ("temperature_c", "voltage_v")
    )


def _in_alarm(module: Module) -> bool:
    return any(
        key.endswith("tx_power_dbm") and state in ("low_alarm", "dark") for key, state in states_of(module).items()
    )


def _advice(module: Module, baseline: Module | None) -> tuple[Reason, ...]:
    return tuple(
        Note(
            "ageing",
            {"lane": rise.lane, "before": Value("tx_bias_ma", rise.before), "now": Value("tx_bias_ma", rise.now)},
        )
        for rise in rises(module, baseline).values()
    )
