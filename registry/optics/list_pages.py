"""What the list of modules shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from registry.kernel.language import N_, _
from registry.optics import service
from registry.optics.decoder.records import VERDICTS
from registry.optics.listing import OPTICS
from registry.web.lists import cells, tables
from registry.web.lists.cells import Around, Cell, Draw, Row, Show, joined
from registry.web.lists.tables import Control, Empty, New, Table, table
from registry.web.shell import day
from registry.web.words.codes import word
from registry.web.words.optics import TONES

LOUDEST_FIRST = (*(code for code in VERDICTS if code != "within_spec"), "within_spec")


def _module(row: Row, _around: Around) -> Cell:
    label = row["serial"] or row["part_number"] or _("No. %(id)s", id=row["id"])
    return Cell(label, joined(row["vendor"], row["part_number"] if row["serial"] else ""), style="serial")


def _where(row: Row, _around: Around) -> Cell:
    if not row["host"] and not row["port"]:
        return cells.NOTHING
    return Cell(row["host"] or row["port"], row["port"] if row["host"] else "")


def _claim(row: Row, _around: Around) -> Cell:
    return Cell(_("Can be claimed"), badge="bad") if row["claimable"] else cells.NOTHING


def _moment(name: str) -> Draw:
    """Day and time in two lines."""

    def draw(row: Row, around: Around) -> Cell:
        if not row[name]:
            return cells.NOTHING
        local = datetime.fromisoformat(row[name]).astimezone(ZoneInfo(around.who.time_zone))
        return Cell(day(local.date()), f"{local:%H:%M}", iso=row[name])

    return draw


def _findings(row: Row, _around: Around) -> Cell:
    return Cell(" ".join(word("optic_finding", code) for code in row["findings"])) if row["findings"] else cells.NOTHING


def _gather(around: Around, _rows: Sequence[Row]) -> dict[str, Any]:
    """How many modules there are of each conclusion."""
    found = service.counts(around.who, around.customer.id) if around.customer else {}
    return {
        "counts": [(code, found[code][0]) for code in LOUDEST_FIRST if code in found],
        "claimable": sum(claimable for _count, claimable in found.values()),
        "all": sum(count for count, _claimable in found.values()),
    }


TABLE = table(
    Table(
        OPTICS,
        N_("Optics"),
        shown=("module", "where", "verdict", "claimable", "since", "last_at"),
        shows=(
            Show("module", N_("Module"), ("vendor", "part_number", "serial"), _module),
            Show("where", N_("Where"), ("host", "port"), _where, alone=True),
            Show("verdict", N_("Conclusion"), ("verdict",), cells.coded("verdict", "verdict", TONES), alone=True),
            Show("claimable", N_("Claim"), ("claimable",), _claim, alone=True),
            Show("since", N_("Since"), ("since",), _moment("since")),
            Show("last_at", N_("Last reading"), ("last_at",), _moment("last_at")),
            Show("findings", N_("Findings"), ("findings",), _findings),
            Show("serial", N_("Serial number"), ("serial",), cells.text("serial", "serial")),
        ),
        controls=(
            tables.find(N_("Serial, tag, part number, device")),
            tables.coded("verdict", N_("Conclusion"), "verdict"),
            Control("host", N_("Device"), "text"),
        ),
        details=("optics.show_optic",),
        new=New(N_("Upload readings"), "optic.read", ("optic_batches.new_batch",)),
        empty=Empty(
            N_("No modules yet."),
            N_("Upload what a switch or server prints about its transceivers: each of them is found in it, or"
               " registered, and judged by its own limits."),
            N_("They show up here as soon as somebody has uploaded readings."),
        ),
        gather=_gather,
        endpoint="optics.list_optics",
        tabs="optics/_tabs.html",
        above="optics/_counts.html",
    )
)  # fmt: skip
