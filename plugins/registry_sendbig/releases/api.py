"""JSON about releases, under /api/v1/x/sendbig/: for the operator's people, and what users are offered."""

from typing import Any

from registry.sdk import allow, customer_by, if_match, json_response, me, thing, versioned
from registry_sendbig.places import api
from registry_sendbig.releases import answers, entitled, grants, installed, report, told
from registry_sendbig.releases import service as releases
from registry_sendbig.releases.listing import INSTALLED, RECEIPTS, RELEASES, TAKINGS
from registry_sendbig.releases.schemas import (
    OffersQuery,
    OneOffer,
    ReleaseCustomersQuery,
    ReleaseUnitsQuery,
    SendbigFileMark,
    SendbigGrantIn,
    SendbigReceiptIn,
    SendbigReleaseChange,
    SendbigReleaseIn,
    SendbigVersionIn,
    SendbigVersionsIn,
    SendbigWithdrawal,
    end_of,
)

Answer = Any


def _release(row: Any, status: int = 200) -> Answer:
    return thing(told.release(me(), row), status, name=row.id)


# --- The operator's side ---------------------------------------------------------------------------------------


@api.get("/releases")
@api.arguments(RELEASES.arguments(), location="query")
@api.response(200, RELEASES.page_shape())
@allow("sendbig.survey")
def list_releases(arguments: dict[str, Any]) -> Answer:
    """Releases, by page."""
    return json_response(RELEASES.page(me(), arguments))


@api.post("/releases")
@api.arguments(SendbigReleaseIn)
@api.response(201, answers.RELEASE)
@allow("sendbig.release")
def create_release(values: dict[str, Any]) -> Answer:
    """Draft a release. Files are sent to /x/sendbig/flow/releases/<id>/files by the tus protocol."""
    return _release(releases.create_release(me(), values), 201)


@api.get("/releases/<int:release_id>")
@api.response(200, answers.RELEASE)
@allow("sendbig.survey")
def show_release(release_id: int) -> Answer:
    return _release(releases.release_of(me(), release_id))


@api.patch("/releases/<int:release_id>")
@versioned(api)
@api.arguments(SendbigReleaseChange)
@api.response(200, answers.RELEASE)
@allow("sendbig.release")
def change_release(values: dict[str, Any], release_id: int) -> Answer:
    return _release(releases.change_release(me(), release_id, values, if_match()))


@api.delete("/releases/<int:release_id>")
@versioned(api)
@api.response(204)
@allow("sendbig.release")
def remove_release(release_id: int) -> Answer:
    """Throw a draft away, with its files."""
    releases.remove_release(me(), release_id, if_match())
    return "", 204


@api.post("/releases/<int:release_id>/publication")
@versioned(api)
@api.response(200, answers.RELEASE)
@allow("sendbig.release")
def publish_release(release_id: int) -> Answer:
    """Offer it to those who are entitled, who are written to."""
    return _release(releases.publish(me(), release_id, if_match()))


@api.post("/releases/<int:release_id>/withdrawal")
@versioned(api)
@api.arguments(SendbigWithdrawal)
@api.response(200, answers.RELEASE)
@allow("sendbig.release")
def withdraw_release(values: dict[str, Any], release_id: int) -> Answer:
    """Nobody gets it any more; those who took it are told why."""
    return _release(releases.withdraw(me(), release_id, values["reason"], if_match()))


@api.patch("/release-files/<int:release_file_id>")
@versioned(api)
@api.arguments(SendbigFileMark)
@api.response(200, answers.RELEASE)
@allow("sendbig.release")
def mark_release_file(values: dict[str, Any], release_file_id: int) -> Answer:
    """Say whether it is the patch or a document, for users under contract or for all."""
    file = releases.change_file(me(), release_file_id, values, if_match())
    return _release(releases.release_of(me(), file.release_id))


@api.delete("/release-files/<int:release_file_id>")
@versioned(api)
@api.response(204)
@allow("sendbig.release")
def remove_release_file(release_file_id: int) -> Answer:
    releases.remove_file(me(), release_file_id, if_match())
    return "", 204


@api.get("/releases/<int:release_id>/numbers")
@api.response(200, answers.NUMBERS)
@allow("sendbig.survey")
def count_release(release_id: int) -> Answer:
    """How many units under contract there are, how many lack it, of how many nobody knows the version."""
    return json_response(report.numbers(me(), release_id))


@api.get("/releases/<int:release_id>/customers")
@api.arguments(ReleaseCustomersQuery, location="query")
@api.response(200, answers.CUSTOMERS)
@allow("sendbig.survey")
def list_release_customers(arguments: dict[str, Any], release_id: int) -> Answer:
    """The distribution list: customers with affected units under contract. `next` goes into `after`."""
    rows, following = report.customers(me(), release_id, **arguments)
    return json_response({"items": rows, "next": following})


@api.get("/releases/<int:release_id>/units")
@api.arguments(ReleaseUnitsQuery, location="query")
@api.response(200, answers.UNITS)
@allow("sendbig.survey")
def list_release_units(arguments: dict[str, Any], release_id: int) -> Answer:
    """Units under contract, by default those that still lack it. `next` goes into `after`."""
    customer = arguments.pop("customer", None)
    owner = customer_by(me(), customer).id if customer is not None else None
    rows, following = report.units(me(), release_id, customer_id=owner, **arguments)
    return json_response({"items": rows, "next": following})


@api.get("/takings")
@api.arguments(TAKINGS.arguments(), location="query")
@api.response(200, TAKINGS.page_shape())
@allow("sendbig.survey")
def list_takings(arguments: dict[str, Any]) -> Answer:
    """Who took which file of which version, by page."""
    return json_response(TAKINGS.page(me(), arguments))


@api.get("/releases/<int:release_id>/grants")
@api.response(200, answers.GRANTS)
@allow("sendbig.survey")
def list_grants(release_id: int) -> Answer:
    """For whom documents were approved without a contract."""
    rows = grants.grants_of(me(), releases.release_of(me(), release_id))
    return json_response({"items": [told.grant(one) for one in rows]})


@api.post("/releases/<int:release_id>/grants")
@api.arguments(SendbigGrantIn)
@api.response(201, answers.GRANT)
@allow("sendbig.grant")
def approve_document(values: dict[str, Any], release_id: int) -> Answer:
    """Approve the documents, never the patch, for somebody without a contract."""
    ready = {**values, "until": end_of(values.get("until"))}
    return thing(told.grant(grants.approve(me(), release_id, ready)), 201)


@api.delete("/grants/<int:release_grant_id>")
@versioned(api)
@api.response(200, answers.GRANT)
@allow("sendbig.grant")
def revoke_document_approval(release_grant_id: int) -> Answer:
    return thing(told.grant(grants.revoke(me(), release_grant_id, if_match())))


# --- The customers' side ---------------------------------------------------------------------------------------


@api.get("/offers")
@api.arguments(OffersQuery, location="query")
@api.response(200, answers.OFFERS)
@allow("sendbig.view")
def list_offers(arguments: dict[str, Any]) -> Answer:
    """What you are offered at this customer, the newest first. `next` goes into `before`."""
    customer = customer_by(me(), arguments.get("customer"))
    rows, following = entitled.page(me(), customer.id, arguments["limit"], arguments.get("before"))
    return json_response({"items": [told.briefly(one) for one in rows], "next": following})


@api.get("/offers/<int:release_id>")
@api.arguments(OneOffer, location="query")
@api.response(200, answers.WHOLE_OFFER)
@allow("sendbig.view")
def show_offer(arguments: dict[str, Any], release_id: int) -> Answer:
    """With the files that you may take."""
    entitled.must_be_out(release_id)
    customer = customer_by(me(), arguments.get("customer"))
    return json_response(told.wholly(entitled.offer(me(), customer.id, release_id)))


@api.post("/offers/<int:release_id>/receipts")
@api.arguments(SendbigReceiptIn)
@api.response(201, answers.RECEIPT)
@allow("sendbig.install")
def confirm_installed(values: dict[str, Any], release_id: int) -> Answer:
    """Say that the patch is installed on a unit, which runs its version from then on."""
    customer = customer_by(me(), values.pop("customer"))
    me().must("sendbig.install", customer.id)
    offer = entitled.offer(me(), customer.id, release_id)
    unit = installed.unit_of(me(), **values, customer_id=customer.id)
    return thing(told.receipt(installed.confirm(me(), offer, unit)), 201)


@api.get("/receipts")
@api.arguments(RECEIPTS.arguments(), location="query")
@api.response(200, RECEIPTS.page_shape())
@allow("sendbig.view")
def list_receipts(arguments: dict[str, Any]) -> Answer:
    """Which patch was installed on which unit, by page."""
    return json_response(RECEIPTS.page(me(), arguments))


@api.get("/versions")
@api.arguments(INSTALLED.arguments(), location="query")
@api.response(200, INSTALLED.page_shape())
@allow("sendbig.view")
def list_installed_versions(arguments: dict[str, Any]) -> Answer:
    """What units are known to run, by page."""
    return json_response(INSTALLED.page(me(), arguments))


@api.put("/versions")
@api.arguments(SendbigVersionIn)
@api.response(200, answers.INSTALLED)
@allow("sendbig.install")
def record_version(values: dict[str, Any]) -> Answer:
    """Write down what a unit runs."""
    customer = customer_by(me(), values["customer"])
    me().must("sendbig.install", customer.id)
    named = {name: values.get(name) for name in ("asset", "licence")}
    unit = installed.unit_of(me(), **named, customer_id=customer.id)
    return thing(told.installed(installed.record(me(), unit, values["version"])))


@api.post("/versions/batch")
@api.arguments(SendbigVersionsIn)
@api.response(200, answers.RECORDED)
@allow("sendbig.install")
def record_versions(values: dict[str, Any]) -> Answer:
    """Write down what many units run, all or none: `items`, or `csv`."""
    customer = customer_by(me(), values["customer"])
    me().must("sendbig.install", customer.id)
    items = [*values.get("items", ()), *(installed.from_csv(values["csv"]) if values.get("csv") else ())]
    return json_response({"recorded": installed.record_many(me(), customer.id, items, values["source"])})
