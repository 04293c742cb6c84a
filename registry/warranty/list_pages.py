"""What the list of warranties shows."""

from datetime import date

from registry.kernel.access import visible
from registry.kernel.language import N_, _
from registry.warranty.coverage import EXPIRING_DAYS
from registry.warranty.listing import WARRANTIES
from registry.warranty.models import Terms
from registry.web.lists import cells, tables
from registry.web.lists.cells import Around, Cell, Row, Show
from registry.web.lists.tables import Empty, New, Table, table
from registry.web.shell import day


def _on(row: Row, _around: Around) -> Cell:
    """What it is about: a unit or a licence."""
    if row["asset_id"]:
        return Cell(row["asset"] or _("No. %(id)s", id=row["asset_id"]), row["product"] or "", style="serial")
    return Cell(row["licence"] or cells.NOTHING.text)


def _state(row: Row, around: Around) -> Cell:
    if row["void_on"]:
        return Cell(_("Void"), row["void_reason"] or day(row["void_on"]), badge="bad")
    if row["closed_on"]:
        return Cell(_("Passed on"), day(row["closed_on"]), badge="")
    if not row["starts_on"]:
        return Cell(_("Waits for a date"), badge="warn")
    if row["starts_on"] > around.today.isoformat():
        return Cell(_("Not started"), badge="")
    left = (date.fromisoformat(row["covered_until"]) - around.today).days if row["covered_until"] else -1
    if left < 0:
        return Cell(_("Ended"), badge="bad")
    return Cell(_("Ends soon"), badge="warn") if left <= EXPIRING_DAYS else Cell(_("Covered"), badge="good")


def _terms(around: Around) -> tables.Pairs:
    found = visible(Terms, around.who, Terms.code, Terms.name).order_by(Terms.name, Terms.code).limit(tables.MANY)
    return [(code, _(name)) for code, name in dict(found.tuples()).items()]


TABLE = table(
    Table(
        WARRANTIES,
        N_("Warranties"),
        shown=("on", "terms_name", "kind", "starts_on", "covered_until", "state"),
        shows=(
            Show("on", N_("For"), ("asset", "licence", "product"), _on, ("asset_id",)),
            Show("terms_name", N_("Terms"), ("terms_name",), cells.shipped("terms_name")),
            Show("terms", N_("Code of the terms"), ("terms",), cells.text("terms")),
            Show("kind", N_("Kind"), ("kind",), cells.coded("kind", "warranty_kind")),
            Show("basis", N_("Starts with"), ("basis",), cells.coded("basis", "basis")),
            Show("state", N_("State"), ("void_on", "void_reason", "closed_on"), _state, ("starts_on", "covered_until")),
        ),
        controls=(
            tables.of_customer,
            tables.coded("kind", N_("Kind"), "warranty_kind"),
            tables.Control("terms", N_("Terms"), options=_terms),
        ),
        says={"asset": N_("For asset no."), "licence": N_("For licence no."), "waiting": N_("Waits for a date")},
        details=("warranties.show_warranty",),
        new=New(N_("New warranty"), "warranty.edit", ("warranties.new_warranty",)),
        empty=Empty(N_("No warranties yet."), N_("Start one for an asset or a licence.")),
        endpoint="warranties.list_warranties",
        house="house_warranties.list_warranties",
    )
)
