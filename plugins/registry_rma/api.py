"""JSON about cases and their lines, under /api/v1/x/rma/. The verbs check for whom; a stranger gets 404."""

from typing import Any

from registry.sdk import allow, api_routes, if_match, json_response, me, thing, versioned
from registry_rma import answers, cases, moving, told
from registry_rma.listing import LINES
from registry_rma.schemas import RmaCaseIn, RmaClaimChangeIn, RmaMoveIn, RmaOverruleIn

blp = api_routes("rma", "RMA cases: claims, repairs, replacements, returns, and who has the unit.")


@blp.get("/lines")
@blp.arguments(LINES.arguments(), location="query")
@blp.response(200, LINES.page_shape())
@allow("rma.view")
def list_rma_lines(arguments: dict[str, Any]) -> Any:
    """Units in RMA cases, by page."""
    return json_response(LINES.page(me(), arguments))


@blp.post("/cases")
@blp.arguments(RmaCaseIn)
@blp.response(201, answers.CASE)
@allow("rma.request")
def open_case(values: dict[str, Any]) -> Any:
    """Open a case with a line for each unit."""
    made = cases.open_case(me(), values)
    return thing(told.case(me(), made), 201, name=made.id)


@blp.get("/cases/<int:rma_case_id>")
@blp.response(200, answers.CASE)
@allow("rma.view")
def show_case(rma_case_id: int) -> Any:
    return thing(told.case(me(), cases.get_case(me(), rma_case_id)))


@blp.post("/cases/<int:rma_case_id>/confirmation")
@versioned(blp)
@blp.response(200, answers.CASE)
@allow("rma.work")
def confirm_case(rma_case_id: int) -> Any:
    """A call was confirmed in writing."""
    return thing(told.case(me(), cases.confirm(me(), rma_case_id, if_match())))


@blp.get("/lines/<int:rma_line_id>")
@blp.response(200, answers.LINE)
@allow("rma.view")
def show_line(rma_line_id: int) -> Any:
    """One unit with everything about it, and the moves that are legal now for whoever asks."""
    return _line(cases.get_line(me(), rma_line_id))


@blp.patch("/lines/<int:rma_line_id>")
@versioned(blp)
@blp.arguments(RmaClaimChangeIn)
@blp.response(200, answers.LINE)
@allow("rma.request")
def change_rma_line(values: dict[str, Any], rma_line_id: int) -> Any:
    """Say more about the fault."""
    return _line(cases.change_claim(me(), rma_line_id, values, if_match()))


@blp.post("/lines/<int:rma_line_id>/moves")
@versioned(blp)
@blp.arguments(RmaMoveIn)
@blp.response(200, answers.LINE)
@allow("rma.request")
def move_line(values: dict[str, Any], rma_line_id: int) -> Any:
    """Move the unit on. With a `key` that was sent before, nothing happens a second time."""
    facts = dict(values)
    to, key, device_at = facts.pop("to"), facts.pop("key", None), facts.pop("device_at", None)
    return _line(moving.move(me(), rma_line_id, to, facts, version=if_match(), key=key, device_at=device_at))


@blp.post("/lines/<int:rma_line_id>/overruling")
@versioned(blp)
@blp.arguments(RmaOverruleIn)
@blp.response(200, answers.LINE)
@allow("rma.overrule")
def overrule_line(values: dict[str, Any], rma_line_id: int) -> Any:
    """Decide otherwise than the terms do, with the reason."""
    return _line(cases.overrule(me(), rma_line_id, values, if_match()))


def _line(row: Any) -> Any:
    return thing(told.line(me(), row))
