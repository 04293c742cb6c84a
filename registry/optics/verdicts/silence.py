"""Modules whose readings nothing can be said of: none there, none that could be measured, or none to rely upon."""

from registry.optics.decoder.records import Module
from registry.optics.verdicts.reasons import Reason
from registry.optics.verdicts.states import lanes_in_use, states_of

_DIAGNOSTIC_SUMS = ("CC_DMI", "PAGE_02")
_BROKEN = {"diagnostics_blank", "calibration_invalid"}


def silent(module: Module) -> tuple[str, tuple[Reason, ...]] | None:
    """The verdict and its reasons where nothing of a module is judged; None where it is."""
    if module.media == "copper":
        return "no_dom", (Reason("copper"),)
    if module.dom is False:
        return "no_dom", (Reason("no_dom"),)
    if _is_broken(module):
        return "dom_unreliable", (Reason("diagnostics_broken"),)
    if all(state == "not_reported" for state in states_of(module).values()) and not _signals(module):
        return "no_dom", (Reason("not_read"),)
    broken = [each for each in module.checksums if each.name in _DIAGNOSTIC_SUMS and not each.ok]
    if broken:
        return "dom_unreliable", tuple(
            Reason(
                "checksum", {"name": each.name, "stored": f"{each.stored:02X}h", "computed": f"{each.computed:02X}h"}
            )
            for each in broken
        )
    return None


def _is_broken(module: Module) -> bool:
    """Blank diagnostics, or flags of which none makes sense: too low and too high at once, as all ones read."""
    contradictory = "flags_contradictory" in module.findings and not module.flags
    return contradictory or bool(_BROKEN & set(module.findings))


def _signals(module: Module) -> bool:
    return any(lane.tx_fault or lane.rx_los for lane in lanes_in_use(module))
