"""Sheets and tapes that labels come on, as data: where each label begins, in millimetres from the upper left corner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry.kernel.errors import Invalid
from registry.kernel.language import N_, _

A4, LETTER = (210.0, 297.0), (215.9, 279.4)
LARGEST_OFFSET = 10.0  # millimetres; a printer that is further off feeds the sheet wrongly


@dataclass(frozen=True, slots=True)
class Sheet:
    """`left`, `top`: of the first label. `pitch_x`, `pitch_y`: from one label to the next, gap and all."""

    name: str
    title: str
    page: tuple[float, float]
    columns: int
    rows: int
    wide: float
    high: float
    left: float = 0.0
    top: float = 0.0
    pitch_x: float = 0.0
    pitch_y: float = 0.0

    @property
    def count(self) -> int:
        """Labels on a page."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[float, float]:
        """The upper left corner of label `number` of a page, counted from 0, line by line."""
        row, column = divmod(number, self.columns)
        return self.left + column * self.pitch_x, self.top + row * self.pitch_y

    def shifted(self, x: float, y: float) -> "Sheet":
        """The same for a printer that prints so many millimetres too far left and up."""
        if max(abs(x), abs(y)) > LARGEST_OFFSET:
            raise Invalid.field("offset_x", _("Give offsets of %(most)s mm at most.", most=LARGEST_OFFSET))
        return replace(self, left=self.left + x, top=self.top + y)


def tape(name: str, title: str, wide: float, high: float) -> Sheet:
    """Every label is a page of its own, as long as the printer cuts it."""
    return Sheet(name, title, (wide, high), 1, 1, wide, high, pitch_x=wide, pitch_y=high)


# Measures as the makers of the sheets give them; values in public code differ by millimetres.
SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet("L7160", N_("A4, 21 labels of 63.5 x 38.1 mm (L7160)"), A4, 3, 7, 63.5, 38.1, 7.21, 15.15, 66.04, 38.1),
        Sheet("L7163", N_("A4, 14 labels of 99.1 x 38.1 mm (L7163)"), A4, 2, 7, 99.1, 38.1, 4.63, 15.15, 101.64, 38.1),
        Sheet("L4731", N_("A4, 189 labels of 25.4 x 10 mm (L4731)"), A4, 7, 27, 25.4, 10.0, 8.48, 13.5, 27.94, 10.0),
        Sheet("5160", N_("Letter, 30 labels of 66.7 x 25.4 mm (5160)"), LETTER, 3, 10, 66.675, 25.4, 4.76,
              12.7, 69.85, 25.4),
        Sheet("5267", N_("Letter, 80 labels of 44.5 x 12.7 mm (5267)"), LETTER, 4, 20, 44.45, 12.7, 7.62,
              12.7, 52.07, 12.7),
        tape("tape-62", N_("Tape, 62 x 29 mm"), 62.0, 29.0),
        tape("tape-62-long", N_("Tape, 62 x 100 mm"), 62.0, 100.0),
    )
}  # fmt: skip


def check(sheet: Sheet) -> Sheet:
    """Raises Invalid naming what does not fit: labels beyond the page, or over one another."""
    right, bottom = sheet.place(sheet.count - 1)
    if sheet.columns > 1 and sheet.pitch_x < sheet.wide:
        raise Invalid.field("pitch_x", _("Labels would overlap: make this at least the width of a label."))
    if sheet.rows > 1 and sheet.pitch_y < sheet.high:
        raise Invalid.field("pitch_y", _("Labels would overlap: make this at least the height of a label."))
    if right + sheet.wide > sheet.page[0] + 0.01:
        raise Invalid.field("page_wide", _("The labels need %(needed)s mm.", needed=round(right + sheet.wide, 2)))
    if bottom + sheet.high > sheet.page[1] + 0.01:
        raise Invalid.field("page_high", _("The labels need %(needed)s mm.", needed=round(bottom + sheet.high, 2)))
    return sheet


def sheet_of(values: Mapping[str, Any]) -> Sheet:
    """A sheet from its stored measures, hundredths of a millimetre."""
    mm = {name: value / 100 for name, value in values.items() if name not in ("name", "columns", "rows")}
    return Sheet(
        values["name"], values["name"], (mm["page_wide"], mm["page_high"]), values["columns"], values["rows"],
        mm["wide"], mm["high"], mm["left"], mm["top"], mm["pitch_x"], mm["pitch_y"],
    )  # fmt: skip
