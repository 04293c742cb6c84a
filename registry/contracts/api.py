"""JSON routes about contracts, what they cover and their duties."""

from datetime import date
from typing import Any

from werkzeug.wrappers import Response

from registry.assets.service import get_asset
from registry.contracts import covering, duties, lines, service
from registry.contracts.listing import CONTRACTS, LINES, contracts_on
from registry.contracts.renewal import in_force, notice_by
from registry.contracts.schemas import (
    ContractChange,
    ContractIn,
    ContractOut,
    CoversOut,
    DoneIn,
    DoneOut,
    DutiesOut,
    DutyIn,
    DutyOut,
    LineChange,
    LineIn,
    OnDay,
    RenewalIn,
    TerminationIn,
)
from registry.contracts.standing import agreement, history
from registry.customers.service import today_of
from registry.kernel import clock
from registry.kernel.shapes import Shape
from registry.licences.service import get_licence
from registry.web.answers import if_match, json_response, nothing, one, page, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("contracts", "Contracts: periods, what they cover, their duties")


@blp.route("/contracts", methods=["GET"])
@blp.arguments(CONTRACTS.arguments(), location="query")
@blp.response(200, CONTRACTS.page_shape())
@allow("contract.view")
def list_contracts(arguments: dict[str, Any]) -> Response:
    """Contracts with their state on a day (`on`, today unless given), which `state` filters by."""
    return page(CONTRACTS, arguments)


@blp.route("/contracts", methods=["POST"])
@blp.arguments(ContractIn)
@blp.response(201, ContractOut)
@allow("contract.edit")
def create_contract(values: dict[str, Any]) -> Response:
    contract = service.create_contract(actor(), values)
    return _contract(contract.id, 201)


@blp.route("/contracts/<int:contract_id>", methods=["GET"])
@blp.arguments(OnDay, location="query")
@blp.response(200, ContractOut)
@allow("contract.view")
def get_contract(arguments: dict[str, Any], contract_id: int) -> Response:
    """One contract with its terms, and whether it is in force on a day and why."""
    return _contract(contract_id, on=arguments["on"])


@blp.route("/contracts/<int:contract_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(ContractChange)
@blp.response(200, ContractOut)
@allow("contract.edit")
def change_contract(values: dict[str, Any], contract_id: int) -> Response:
    return _contract(service.change_contract(actor(), contract_id, values, if_match()).id)


@blp.route("/contracts/<int:contract_id>/renew", methods=["POST"])
@versioned(blp)
@blp.arguments(RenewalIn)
@blp.response(200, ContractOut)
@allow("contract.edit")
def renew_contract(values: dict[str, Any], contract_id: int) -> Response:
    return _contract(service.renew_contract(actor(), contract_id, values, if_match()).id)


@blp.route("/contracts/<int:contract_id>/terminate", methods=["POST"])
@versioned(blp)
@blp.arguments(TerminationIn)
@blp.response(200, ContractOut)
@allow("contract.edit")
def terminate_contract(values: dict[str, Any], contract_id: int) -> Response:
    return _contract(service.terminate_contract(actor(), contract_id, values, if_match()).id)


def _contract(contract_id: int, status: int = 200, on: date | None = None) -> Response:
    contract = service.for_reading(actor(), contract_id)
    day = on or today_of(actor(), contract.customer_id)
    facts = agreement(actor(), contract)
    standing = {"on": day, **in_force(facts, day)._asdict(), "notice_by": notice_by(facts, day)}
    terms = history(actor(), contract, day)
    body = {**contracts_on(day).one(actor(), contract_id), "terms": terms, "standing": standing}
    headers = {"ETag": f'"{contract.version}"'}
    if status == 201:
        headers["Location"] = f"/api/v1/contracts/{contract_id}"
    return json_response(body, status, headers=headers)


def _line_arguments() -> Shape:
    """The list's own query, without the contract that the address names already."""
    return type(LINES.arguments())(exclude=("contract", "customer"))  # type: ignore[return-value]


@blp.route("/contracts/<int:contract_id>/lines", methods=["GET"])
@blp.arguments(_line_arguments(), location="query")
@blp.response(200, LINES.page_shape())
@allow("contract.view")
def list_lines(arguments: dict[str, Any], contract_id: int) -> Response:
    contract = service.for_reading(actor(), contract_id)
    return page(LINES, {**arguments, "contract": contract.id})


@blp.route("/contracts/<int:contract_id>/lines", methods=["POST"])
@blp.arguments(LineIn)
@blp.response(201, LINES.shape())
@allow("contract.edit")
def add_line(values: dict[str, Any], contract_id: int) -> Response:
    """Say what is covered. Warranty terms named here bring their duties to the contract."""
    return one(LINES, lines.add_line(actor(), contract_id, values).id, 201)


@blp.route("/contracts/<int:contract_id>/lines/<int:line_id>", methods=["PATCH"])
@versioned(blp)
@blp.arguments(LineChange)
@blp.response(200, LINES.shape())
@allow("contract.edit")
def change_line(values: dict[str, Any], contract_id: int, line_id: int) -> Response:
    return one(LINES, lines.change_line(actor(), contract_id, line_id, values, if_match()).id)


@blp.route("/contracts/<int:contract_id>/lines/<int:line_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("contract.edit")
def remove_line(contract_id: int, line_id: int) -> Response:
    lines.remove_line(actor(), contract_id, line_id, if_match())
    return nothing()


@blp.route("/contracts/<int:contract_id>/duties", methods=["GET"])
@blp.arguments(OnDay, location="query")
@blp.response(200, DutiesOut)
@allow("contract.view")
def list_duties(arguments: dict[str, Any], contract_id: int) -> Response:
    """Every duty with its state on a day, and the products of the contract that no duty is about."""
    return json_response(duties.duties_of(actor(), contract_id, arguments["on"]))


@blp.route("/contracts/<int:contract_id>/duties", methods=["POST"])
@blp.arguments(DutyIn)
@blp.response(201, DutyOut)
@allow("contract.edit")
def add_duty(values: dict[str, Any], contract_id: int) -> Response:
    duty = duties.add_duty(actor(), contract_id, values)
    items = duties.duties_of(actor(), contract_id)["items"]
    return thing(next(item for item in items if item["id"] == duty.id), 201)


@blp.route("/contracts/<int:contract_id>/duties/<int:duty_id>", methods=["DELETE"])
@versioned(blp)
@blp.response(204)
@allow("contract.edit")
def remove_duty(contract_id: int, duty_id: int) -> Response:
    duties.remove_duty(actor(), contract_id, duty_id, if_match())
    return nothing()


@blp.route("/contracts/<int:contract_id>/duties/<int:duty_id>/done", methods=["POST"])
@blp.arguments(DoneIn)
@blp.response(201, DoneOut)
@allow("contract.edit")
def record_done(values: dict[str, Any], contract_id: int, duty_id: int) -> Response:
    return json_response(duties.done_item(duties.record_done(actor(), contract_id, duty_id, values)), 201)


@blp.route("/assets/<int:asset_id>/contracts", methods=["GET"])
@blp.arguments(OnDay, location="query")
@blp.response(200, CoversOut)
@allow("contract.view")
def contracts_of_asset(arguments: dict[str, Any], asset_id: int) -> Response:
    """The contracts that cover the asset on a day, and why."""
    return _covers(get_asset(actor(), asset_id), arguments["on"])


@blp.route("/licences/<int:licence_id>/contracts", methods=["GET"])
@blp.arguments(OnDay, location="query")
@blp.response(200, CoversOut)
@allow("contract.view")
def contracts_of_licence(arguments: dict[str, Any], licence_id: int) -> Response:
    """The contracts that cover the licence on a day, and why."""
    return _covers(get_licence(actor(), licence_id), arguments["on"])


def _covers(unit: covering.Unit, on: date | None) -> Response:
    day = on or clock.today()
    return json_response({"on": day, "items": covering.covering(actor(), unit, day)})
