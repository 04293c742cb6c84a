"""Sizes that are said later than at the beginning, and how much may come while nobody knows."""

from registry.sdk import ANY_VERSION, Invalid, _, change, transaction
from registry_sendbig.models import Upload
from registry_sendbig.requests import allowance
from registry_sendbig.transfers import reach
from registry_sendbig.uploads import quotas
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.problems import TooMuch


def declare_size(upload: Upload, size: int) -> Upload:
    """The size, said later than at the beginning. Raises Invalid for another than was said, and what begin() does."""
    if upload.size is not None:
        if upload.size != size:
            raise Invalid(_("Upload-Length was given before, as another number."), code="length")
        return upload
    with quotas.one_at_a_time(upload.customer_id), transaction():
        if size < upload.arrived:
            raise Invalid(_("More than Upload-Length has arrived already."), code="length")
        if size > _room_of_request(upload):
            raise TooMuch(_("The file request takes less than that."), code="request_size")
        quotas.reserve(upload.customer_id, uploads.transfer_of(upload), size - upload.arrived, files_more=0)
        Upload.update(size=size).where(Upload.id == upload.id).execute()
        if upload.file_id:
            change(
                uploads.acting_for(upload),
                uploads.file_of(upload),
                {"size": size},
                "sendbig.file_sized",
                version=ANY_VERSION,
            )
    return uploads.again(upload.id)


def left(upload: Upload, offset: int) -> int:
    """How many bytes may still come. Raises TooMuch when the customer has no room for an upload of unknown size."""
    if upload.size is not None:
        return max(0, upload.size - offset)
    room = min(quotas.room(upload.customer_id, uploads.transfer_of(upload)), _room_of_request(upload) - offset)
    if room <= 0:
        raise TooMuch(_("The space for large files is used up."), code="quota")
    return room


def _room_of_request(upload: Upload) -> int:
    """Bytes that the file request by which it comes still takes; this file itself is not counted while nobody knows
    its size."""
    transfer = uploads.transfer_of(upload)
    asked = reach.request_of(transfer) if transfer is not None else None
    left_over = allowance.left(asked).bytes if asked is not None else None
    return quotas.UNLIMITED if left_over is None else left_over
