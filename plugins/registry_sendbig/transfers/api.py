"""JSON routes of transfers and file requests. Bytes go by the tus routes, and come by those for fetching."""

from typing import Any

from registry.sdk import allow, customer_by, if_match, json_response, me, thing, versioned
from registry_sendbig.places import api
from registry_sendbig.requests import service as asking
from registry_sendbig.requests.service import REQUESTS
from registry_sendbig.transfers import recipients, schemas
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.service import TRANSFERS


@api.get("/transfers")
@api.arguments(TRANSFERS.arguments(), location="query")
@api.response(200, TRANSFERS.page_shape())
@allow("sendbig.view")
def list_sendbig_transfers(arguments: dict[str, Any]) -> Any:
    """Transfers, by page."""
    return json_response(TRANSFERS.page(me(), arguments))


@api.post("/transfers")
@api.arguments(schemas.SendbigTransferIn)
@api.response(201, schemas.TRANSFER)
@allow("sendbig.send")
def draft_transfer(values: dict[str, Any]) -> Any:
    """Begin a transfer. Its files follow by tus, to /x/sendbig/flow/transfers/{id}/files; then it is sent."""
    customer_id = customer_by(me(), values.pop("customer")).id
    made = transfers.draft(me(), customer_id, values)
    return thing(transfers.told(me(), made), 201, name=made.id)


@api.get("/transfers/<int:transfer_id>")
@api.response(200, schemas.TRANSFER)
@allow("sendbig.view")
def show_transfer(transfer_id: int) -> Any:
    """One transfer with its files, recipients, and the last downloads."""
    return _transfer(transfers.get(me(), transfer_id))


@api.patch("/transfers/<int:transfer_id>")
@versioned(api)
@api.arguments(schemas.SendbigTransferChangeIn)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def change_transfer(values: dict[str, Any], transfer_id: int) -> Any:
    """Change a draft."""
    return _transfer(transfers.change(me(), transfer_id, values, if_match()))


@api.delete("/transfers/<int:transfer_id>")
@versioned(api)
@api.response(204)
@allow("sendbig.send")
def remove_transfer(transfer_id: int) -> Any:
    """Throw a draft away."""
    transfers.remove(me(), transfer_id, if_match())
    return "", 204


@api.post("/transfers/<int:transfer_id>/sending")
@versioned(api)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def send_transfer(transfer_id: int) -> Any:
    """Send it: its recipients are written to once all files have arrived and are verified. Until then its state is
    `checking`. No file can be added any more, but uploads that have begun go on and are waited for; one that never
    arrives becomes `refused` (`unfinished`), its sender gets a mail, and the others wait until it is taken out."""
    return _transfer(transfers.send(me(), transfer_id, if_match()))


@api.post("/transfers/<int:transfer_id>/extension")
@versioned(api)
@api.arguments(schemas.SendbigExtendIn)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def extend_transfer(values: dict[str, Any], transfer_id: int) -> Any:
    """Let it stand for longer, or be fetched more often."""
    return _transfer(transfers.extend(me(), transfer_id, values, if_match()))


@api.post("/transfers/<int:transfer_id>/revocation")
@versioned(api)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def revoke_transfer(transfer_id: int) -> Any:
    """Take it back at once."""
    return _transfer(transfers.revoke(me(), transfer_id, if_match()))


@api.post("/transfers/<int:transfer_id>/recipients")
@api.arguments(schemas.SendbigRecipientIn)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def add_transfer_recipient(values: dict[str, Any], transfer_id: int) -> Any:
    """One recipient more, with a link of his own."""
    recipients.add(me(), transfer_id, values)
    return _transfer(transfers.get(me(), transfer_id))


@api.delete("/recipients/<int:recipient_id>")
@versioned(api)
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def revoke_transfer_recipient(recipient_id: int) -> Any:
    """Take one recipient's link back; the others' stay."""
    gone = recipients.revoke(me(), recipient_id, if_match())
    return _transfer(transfers.get(me(), gone.transfer_id))


@api.post("/recipients/<int:recipient_id>/mail")
@api.response(200, schemas.TRANSFER)
@allow("sendbig.send")
def resend_recipient_link(recipient_id: int) -> Any:
    """Send a recipient the mail with his link once more, at most every five minutes."""
    again = recipients.resend(me(), recipient_id)
    return _transfer(transfers.get(me(), again.transfer_id))


@api.get("/recipients/<int:recipient_id>/link")
@api.response(200, schemas.LINK)
@allow("sendbig.send")
def show_recipient_link(recipient_id: int) -> Any:
    """The recipient's own address, to be handed over by other ways than our mail. The operator's people get those of
    third parties whom they chose themselves: fetching by these rests on an approval."""
    return json_response({"link": recipients.link_of(me(), recipient_id)})


@api.delete("/files/<int:sendbig_file_id>")
@versioned(api)
@api.response(204)
@allow("sendbig.send")
def remove_transfer_file(sendbig_file_id: int) -> Any:
    """Take a file out of a draft; or out of what has been sent one that was refused or has not arrived."""
    transfers.remove_file(me(), sendbig_file_id, if_match())
    return "", 204


@api.get("/file-requests")
@api.arguments(REQUESTS.arguments(), location="query")
@api.response(200, REQUESTS.page_shape())
@allow("sendbig.view")
def list_file_requests(arguments: dict[str, Any]) -> Any:
    """File requests, by page."""
    return json_response(REQUESTS.page(me(), arguments))


@api.post("/file-requests")
@api.arguments(schemas.SendbigFileRequestIn)
@api.response(201, schemas.REQUEST)
@allow("sendbig.send")
def create_file_request(values: dict[str, Any]) -> Any:
    """Ask somebody without an account for files."""
    customer_id = customer_by(me(), values.pop("customer")).id
    made = asking.create(me(), customer_id, values)
    return thing(asking.told(me(), made), 201, name=made.id)


@api.get("/file-requests/<int:file_request_id>")
@api.response(200, schemas.REQUEST)
@allow("sendbig.view")
def show_file_request(file_request_id: int) -> Any:
    return _request(asking.get(me(), file_request_id))


@api.get("/file-requests/<int:file_request_id>/link")
@api.response(200, schemas.LINK)
@allow("sendbig.send")
def show_file_request_link(file_request_id: int) -> Any:
    """The address by which files are sent."""
    return json_response({"link": asking.link_of(me(), file_request_id)})


@api.post("/file-requests/<int:file_request_id>/extension")
@versioned(api)
@api.arguments(schemas.SendbigFileRequestExtendIn)
@api.response(200, schemas.REQUEST)
@allow("sendbig.send")
def extend_file_request(values: dict[str, Any], file_request_id: int) -> Any:
    return _request(asking.extend(me(), file_request_id, values, if_match()))


@api.post("/file-requests/<int:file_request_id>/closing")
@versioned(api)
@api.response(200, schemas.REQUEST)
@allow("sendbig.send")
def close_file_request(file_request_id: int) -> Any:
    """Let nothing more come by its link."""
    return _request(asking.close(me(), file_request_id, if_match()))


def _transfer(row: Any) -> Any:
    return thing(transfers.told(me(), row))


def _request(row: Any) -> Any:
    return thing(asking.told(me(), row))
