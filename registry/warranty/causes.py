"""Why a unit failed: the closed list of causes, each in one class.

Terms name what they cover and exclude either by cause (`disaster`) or by a whole class (`non_human`).
"""

from dataclasses import dataclass

from registry.kernel.language import N_, _, quoted

CAUSE_CLASSES = {
    "non_human": N_("Not brought about by people"),
    "human": N_("Brought about by people"),
    "excluded": N_("War, disaster and force majeure"),
    "undetermined": N_("Not established yet"),
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `examples` are other words for it that `resolve_cause` understands."""

    code: str
    title: str
    kind: str
    examples: tuple[str, ...] = ()
    needs_failure: bool = True
    """False when the cause is owed for although the unit itself meets its specification."""


_ALL = (
    Cause("module", "Fault of the module itself", "non_human", ("defect", "component failure")),
    Cause("our_technical_data", "Technical data we provided", "non_human", ("our data",), False),
    Cause("quality", "Quality problem", "non_human", ("manufacturing fault", "workmanship")),
    Cause("wear", "Wear and ageing", "non_human", ("ageing", "aging", "ageing laser", "aging laser")),
    Cause("function", "An agreed function does not work", "non_human", ("software fault", "bug")),
    Cause("environment", "Conditions at the place of use", "non_human", ("temperature", "humidity", "dust")),
    Cause("other_non_human", "Another cause without human fault", "non_human", ("non human",)),
    Cause("user", "Operation against the technical data", "human", ("misuse", "operating error")),
    Cause("human_damage", "Damage done by people", "human", ("human", "drop", "drop damage", "dropped")),
    Cause("war", "War", "excluded", ("armed conflict",)),
    Cause("disaster", "Disaster", "excluded", ("lightning", "earthquake", "flood", "typhoon", "wildfire")),
    Cause("force_majeure", "Force majeure", "excluded", ("act of god",)),
    Cause("unknown", "Cause not known yet", "undetermined", ("undetermined", "not known")),
)
CAUSES: dict[str, Cause] = {cause.code: cause for cause in _ALL}
CAUSE_NAMES = (*CAUSES, *CAUSE_CLASSES)
"""What terms may list: a cause or a whole class."""


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


_WORDS = {_plain(word): cause.code for cause in _ALL for word in (cause.code, *cause.examples)}


def resolve_cause(word: str | None) -> str | None:
    """The code for a cause or for one of its examples (`lightning` is a `disaster`); None and "" give None.

    Raises ValueError that lists the causes.
    """
    if word is None or not word.strip():
        return None
    code = _WORDS.get(_plain(word))
    if code is None:
        raise ValueError(
            _("Cause %(word)s is not known: give one of %(known)s.", word=quoted(word[:40]), known=", ".join(CAUSES))
        )
    return code


def names_cause(names: tuple[str, ...], code: str) -> bool:
    """Whether a list of causes and classes names this cause."""
    return code in names or CAUSES[code].kind in names
