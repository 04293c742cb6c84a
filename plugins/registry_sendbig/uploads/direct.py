"""Parts that a browser sends straight to the S3 store, past this program, by addresses that it gets one at a time.

It is the same upload: begun, and asked for, with the header Upload-Direct: 1, whose answer then says Upload-Part-Size;
where it stands is asked of the store alone (HEAD), which also completes it; DELETE ends it; and PATCH goes on with it
here, where a browser cannot reach the store. A part sent again does no harm, since part n always is the same range of
bytes. static/direct.js is the browser's side.
"""

from typing import Any, NamedTuple

from flask import Response

from registry.sdk import Conflict, NotFound, _, by_address, connect_to, files, json_response
from registry_sendbig import preferences
from registry_sendbig.models import Upload
from registry_sendbig.places import house
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads.tus import spoken

SECONDS = 3600


class Part(NamedTuple):
    """`after_last` - `first` bytes, to be put at `url` within `seconds`."""

    number: int
    first: int
    after_last: int
    url: str
    seconds: int


def opens_store() -> bool:
    """For a page by which files are sent, while it is drawn: whether they go straight to the store. It may talk to the
    store then, and no other page may."""
    addresses = files.direct_addresses() if preferences.house()["direct_parts"] else ()
    try:
        connect_to(*addresses)
    except ValueError:  # a name that a policy cannot hold: they come by us
        return False
    return bool(addresses)


def part_size(upload: Upload) -> int | None:
    """Bytes of a part; None when this upload comes by us alone."""
    if upload.size is None or upload.whole_at is not None or not preferences.house()["direct_parts"]:
        return None
    if files.presigned_part(upload.key, upload.place, 1) is None:
        return None
    return files.part_size(upload.key, upload.place)


def part(upload: Upload, number: int) -> Part:
    """Raises Conflict when parts cannot go straight, NotFound for a number that there is not."""
    if upload.whole_at is not None or not preferences.house()["direct_parts"]:
        raise Conflict(_("This upload takes no parts at the store: send it here."), code="not_direct")
    length = files.part_size(upload.key, upload.place)
    if length is None or upload.size is None:
        raise Conflict(_("This upload takes no parts at the store: send it here."), code="not_direct")
    first = (number - 1) * length
    if number < 1 or first >= upload.size:
        raise NotFound()
    url = files.presigned_part(upload.key, upload.place, number, seconds=SECONDS)
    if url is None:
        raise Conflict(_("This upload takes no parts at the store: send it here."), code="not_direct")
    return Part(number, first, min(upload.size, first + length), url, SECONDS)


@house.get("/uploads/<secret>/parts/<int:part_number>")
@by_address
@spoken
def upload_part(secret: str, part_number: int) -> Response:
    found: dict[str, Any] = part(uploads.at(secret), part_number)._asdict()
    return json_response(found)  # type: ignore[return-value]
