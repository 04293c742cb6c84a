"""Looking at a file before fetching it: pictures as they are, pages of a PDF drawn by us. Nothing else, and nothing
that could hold a script.

Not by a link whose downloads are limited or rest on an approval: what is seen has been handed over.
"""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from registry.sdk import Actor, Limit, NotFound, Problem, _, allow, by_address, files, me, note, take, transaction
from registry_sendbig.downloads import drawing
from registry_sendbig.downloads.preview_kinds import preview_of
from registry_sendbig.downloads.service import must_be_open, own_file, recipient_of, send
from registry_sendbig.models import Blob, File, Recipient, Transfer
from registry_sendbig.places import house, pages
from registry_sendbig.transfers import recipients, sharing
from registry_sendbig.transfers.reach import file_in, key_of

PAGES = 20  # of a PDF
SECONDS = 15
DRAWINGS = Limit(120, 300)  # of one link
_drawing = BoundedSemaphore(2)  # in one process
CSP = "sandbox; default-src 'none'; frame-ancestors 'self'"


class NoPicture(Problem):
    status, code = 422, "no_preview"


@house.get("/flow/t/<secret>/<int:sendbig_file_id>/preview")
@by_address
def preview(secret: str, sendbig_file_id: int) -> Response:
    """A picture; of a PDF the page ?page=1 and so on."""
    recipient = recipient_of(secret)
    must_be_open(recipient.transfer, None)
    if not sharing.may_preview(recipient):
        raise NotFound()
    transfer, actor = recipient.transfer, recipients.actor_of(recipient, request.remote_addr)
    return _shown(transfer, file_in(transfer, sendbig_file_id), recipient, actor)


@pages.get("/flow/files/<int:sendbig_file_id>/preview")
@allow("sendbig.view")
def preview_file(sendbig_file_id: int) -> Response:
    transfer, file = own_file(sendbig_file_id)
    return _shown(transfer, file, None, me())


def _shown(transfer: Transfer, file: File, recipient: Recipient | None, actor: Actor) -> Response:
    """A picture is the file itself: whoever sees it has fetched it. That a page was seen stands on the chain."""
    blob: Any = file.blob
    kind = preview_of(blob)
    if kind == "image":
        return send(transfer, file, recipient, actor, inline=True)
    if kind != "pdf":
        raise NotFound()
    take("sendbig drawing", str(recipient.token_hash) if recipient else f"file {file.id}", DRAWINGS)
    number = request.args.get("page", "1")
    if number not in {str(one) for one in range(1, PAGES + 1)}:
        raise NotFound()
    drawn = Response(_drawn(blob, int(number)), content_type="image/png")
    with transaction():
        note(actor, file, "sendbig.page_seen", after={"page": int(number), "transfer": transfer.id})
    drawn.headers.update({"Content-Security-Policy": CSP, "Content-Disposition": 'inline; filename="page.png"'})
    return drawn


def _drawn(blob: Blob, number: int) -> bytes:
    """In a process of its own with little memory and time: whoever writes a reader of PDF makes mistakes."""
    command = [sys.executable, "-I", str(Path(drawing.__file__)), str(number)]
    if not _drawing.acquire(timeout=SECONDS):
        raise NoPicture(_("Too many previews at once. Try again in a moment."))
    try:
        text = b"".join(files.read(key_of(blob)))
        done = subprocess.run(command, input=text, capture_output=True, timeout=SECONDS, check=False, env={})  # noqa: S603
    except subprocess.TimeoutExpired:
        raise NoPicture(_("This page takes too long to be drawn.")) from None
    finally:
        _drawing.release()
    if done.returncode == drawing.NO_SUCH_PAGE:
        raise NotFound()
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        raise NoPicture(_("This page cannot be drawn."))
    return done.stdout
