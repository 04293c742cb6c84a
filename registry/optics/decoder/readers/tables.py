"""Tables of `show interfaces transceiver [detail]`: Cisco IOS and IOS-XE, Arista EOS.

One table for each parameter with its four thresholds (detail), or one row for each port with all five readings. Which
column is which is read from the header: Cisco prints low warning before low alarm, Arista the other way round. A mark
is what the system raises; no mark says nothing, since some versions print values far out of their limits without one.
"""

import re
from dataclasses import dataclass

from registry.optics.decoder.readers import idprom, iosxe_status
from registry.optics.decoder.readers.draft import Draft, modules
from registry.optics.decoder.readers.text import PROMPT, Measure, lines_of, measure, number
from registry.optics.decoder.records import Module

NAME = "show interfaces transceiver [detail] (Cisco IOS, IOS-XE, Arista EOS)"

FLOOR = -40.0  # dBm that these systems print where they measure no light

_RULE = re.compile(r"^\s*-{3,}(?:\s+-{2,})+$")
_STEPS = re.compile(r"(High|Low)\s{1,4}(Alarm|Warn)", re.IGNORECASE)
_COLUMNS = re.compile(
    r"(temp(?:erature)?\b|voltage|current|(?:tx|transmit)\s+power|(?:rx|receive)\s+power)", re.IGNORECASE
)
_PORT = re.compile(r"^[A-Za-z][A-Za-z-]{0,30} ?\d{1,4}(?:[/:.]\d{1,4}){0,4}$|^\d{1,3}(?:/\d{1,3}){1,3}$")
_ASIDE = re.compile(r"\([^()]{0,30}\)")
_MARKS = {"++", "--", "+", "-"}


@dataclass(frozen=True, slots=True)
class _Table:
    """What the header says: the parameters with a column each, or one parameter and the order of its thresholds."""

    parameters: tuple[str, ...]
    steps: tuple[str, ...]
    lanes: bool


def recognises(text: str) -> bool:
    return "IDPROM for transceiver" in text or bool(
        iosxe_status.HEADING.search(text)
        or re.search(r"^ *Port\b.{0,200}\((?:Celsius|dBm|Volts|mA|milliamperes)\)", text, re.MULTILINE | re.IGNORECASE)
    )


def read(text: str) -> list[Module]:
    drafts: dict[tuple[str, str], Draft] = {}  # by the prompt before them, as two devices have ports of one name
    host = ""
    states: list[Draft] = []
    table, header = None, [""]
    port = ""
    for line in lines_of(text):
        if prompt := PROMPT.match(line):
            host, port, table = prompt.group(1), "", None
        elif state := iosxe_status.draft_of(line):
            states.append(state)
            port, table = "", None
        elif named := idprom.port_of(line):
            port, table = named, None
            drafts.setdefault((host, port), Draft(port=port))
        elif _RULE.match(line):
            table, header = _table(header), []
        elif not line.strip():
            header = []
        elif table is not None and (cells := _cells(line, table, port)) is not None:
            port = cells[0]
            _row(drafts.setdefault((host, port), Draft(port=port)), table, cells)
            header = []
        else:
            table, header = None, [*header[-5:], line]
            if (host, port) in drafts:
                idprom.take(drafts[host, port], line)
            elif states:
                iosxe_status.take(states[-1], line)
    return modules(iosxe_status.joined(list(drafts.values()), states))


def _table(header: list[str]) -> _Table | None:
    shown = "\n".join(line for line in header if "++" not in line)  # without the legend
    parameters = tuple(_parameter(word) for word in _COLUMNS.findall(shown))
    steps = tuple(f"{side}_{_step(kind)}".lower() for side, kind in _STEPS.findall(shown))
    if not parameters or (steps and len(parameters) > 1):
        return None
    return _Table(parameters, steps, bool(re.search(r"\bLane\b", shown)))


def _step(kind: str) -> str:
    return "alarm" if kind.lower() == "alarm" else "warning"


def _parameter(word: str) -> str:
    low = word.lower()
    if "power" in low:
        return "tx_power_dbm" if low[0] == "t" else "rx_power_dbm"
    return {"t": "temperature_c", "v": "voltage_v", "c": "tx_bias_ma"}[low[0]]


Cells = tuple[str, int, tuple[str, ...]]


def _cells(line: str, table: _Table, port: str) -> Cells | None:
    """The port, the lane and the cells behind them, each with its mark; None where the line is no row."""
    words = _ASIDE.sub(" ", line).split()
    if table.lanes and port and re.fullmatch(r"\d{1,2}", words[0] if words else ""):
        words.insert(0, port)  # further lanes of the port above
    if not words or not _PORT.match(words[0]):
        return None
    name, words = words[0], words[1:]
    lane = 1
    if table.lanes and words:
        lane = int(words[0]) if re.fullmatch(r"\d{1,2}", words[0]) else 1
        words = words[1:]
    cells: list[str] = []
    for word in words:
        if word in _MARKS and cells:
            cells[-1] += f" {word}"
        else:
            cells.append(word)
    return name, lane, tuple(cells)


def _row(draft: Draft, table: _Table, row: Cells) -> None:
    _, lane, cells = row
    for parameter, cell in zip(table.parameters, cells, strict=False):
        floor = FLOOR if parameter.endswith("_dbm") else None
        measured = _glued(cell, floor)
        draft.read(parameter, measured, lane)
        if measured.reported:
            draft.fields["dom"] = True
    if len(cells) == 1 + len(table.steps):
        for step, cell in zip(table.steps, cells[1:], strict=True):
            draft.limit(table.parameters[0], step, number(cell), lane)


def _glued(cell: str, floor: float | None) -> Measure:
    """Some print the mark right behind the value: -17.2--."""
    found = re.fullmatch(r"([-+]?[0-9.]{1,12})(\+\+|--|\+|-)", cell)
    return measure(f"{found.group(1)} {found.group(2)}" if found else cell, floor=floor)
