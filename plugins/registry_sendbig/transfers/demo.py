"""Transfers and a request for `assetcare demo`, by the verbs that everybody uses, each on its day."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from registry.sdk import Actor, clock, customer_by, files
from registry_sendbig.downloads import counting
from registry_sendbig.models import Recipient, Transfer
from registry_sendbig.requests import service as asking
from registry_sendbig.transfers import service as transfers
from registry_sendbig.transfers.reach import files_of, recipients_of
from registry_sendbig.uploads import service as uploads
from registry_sendbig.uploads import settling
from registry_sendbig.uploads.service import Wanted

WONG, LEUNG = "wong.kayan@harbourline.example", "leung.chiho@harbourline.example"
KATRIN, ELENA = "katrin.vogel@elbtal.example", "elena.marquez@mesaclinics.example"
PRIYA = "priya.raman@northgate.example"
LINES = 400


class Story(NamedTuple):
    """`ago`: days since it was sent; `days`: until when it stood; `fetched`: by the first so many recipients."""

    customer: str
    who: str
    ago: int
    days: int
    said: dict[str, Any]
    names: tuple[str, ...]
    fetched: int = 0
    ends: str = ""  # sent, revoked; nothing: it is a draft


STORIES = (
    Story(
        "harbourline", WONG, 3, 14,
        {"title": "Configurations of the core switches, before the migration",
         "message": "Everything as it ran on Friday evening.\nThe picture shows the patch panel in hall 2.",
         "recipients": [{"email": LEUNG}, {"email": "desk@cablecraft.example", "name": "Cablecraft"}]},
        ("configurations/core-kc-01.txt", "configurations/core-kc-02.txt", "patch-panel-hall-2.png"), 1, "sent",
    ),
    Story("harbourline", WONG, 0, 7, {"title": "Log files for the cable contractor"}, ("agg-kc-01.log",)),
    Story(
        "elbtal", KATRIN, 5, 7,
        {"title": "Disk image of the spare gateway", "most_downloads": 3, "recipients": [
            {"email": "annika.schaefer@elbtal.example"}, {"email": "", "name": "Link for the night shift"}]},
        ("gateway-spare.img.txt", "SHA256SUMS.txt"), 2, "sent",
    ),
    Story(
        "elbtal", PRIYA, 9, 30,
        {"title": "Measurements of the links between halls 1 and 3", "recipients": [{"email": KATRIN}]},
        ("links-1-3.csv",), 1, "revoked",
    ),
)  # fmt: skip


def tell(actor: Actor, people: Mapping[str, Actor]) -> None:
    for story in STORIES:
        with clock.frozen(clock.now() - timedelta(days=story.ago, hours=2)):
            _sent(actor, people[story.who], story)
    with clock.frozen(clock.now() - timedelta(days=2)):
        _asked(actor, people[ELENA])


def _sent(actor: Actor, who: Actor, story: Story) -> None:
    customer = customer_by(actor, story.customer)
    made = transfers.draft(who, customer.id, {"expires_in_days": story.days, **story.said})
    _put(who, made, story.names)
    if not story.ends:
        return
    made = transfers.send(who, made.id)
    for each in recipients_of(made)[: story.fetched]:
        _fetched(actor, made, each)
    if story.ends == "revoked":
        transfers.revoke(who, made.id)


def _asked(actor: Actor, who: Actor) -> None:
    customer = customer_by(actor, "mesa-clinics")
    wanted = {"title": "Logs of the imaging network, last week", "email": "support@scanworks.example",
              "message": "We look for what slowed the archive down on Tuesday.", "expires_in_days": 21}  # fmt: skip
    request = asking.create(who, customer.id, wanted)
    said = {"name": "Noor Haddad, Scanworks", "email": "support@scanworks.example", "message": "Tuesday is in part 2."}
    visit, _cookie = asking.begin(request, said)
    _put(asking.uploader(request, visit), visit, ("imaging-part-1.log", "imaging-part-2.log"))
    asking.hand_over(asking.uploader(request, visit), visit)


def _put(who: Actor, transfer: Transfer, paths: Sequence[str]) -> None:
    for path in paths:
        folder, _slash, name = path.rpartition("/")
        content = _picture() if name.endswith(".png") else _text(path)
        upload, _secret = uploads.begin(who, Wanted(name=name, folder=folder, size=len(content)), transfer=transfer)
        files.arriving(upload.key, upload.place).append([content])
        uploads.arrived_whole(upload.id)
        settling.settle(upload.id)
        settling.tell(upload.file_id)


def _fetched(actor: Actor, transfer: Transfer, recipient: Recipient) -> None:
    """He has downloaded the first file."""
    file = files_of(transfer)[0]
    who = Actor("link", recipient.email or recipient.name, actor.grants)
    size = int(file.size or 0)
    begun, _taken = counting.begin(who, transfer, file, recipient, resumed=False)
    counting.save(begun, size, [[0, size]], transfers.fetched, leaves=True)


def _text(path: str) -> bytes:
    return "".join(
        f"{number:06d} {path} {zlib.crc32(f'{path}{number}'.encode()):08x}\n" for number in range(LINES)
    ).encode()


def _picture(wide: int = 240, high: int = 150) -> bytes:
    """A picture of a patch panel, as PNG: rows of ports, some of them with a cable."""
    rows = b"".join(b"\0" + bytes(each for x in range(wide) for each in _colour(x, y)) for y in range(high))
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def _colour(x: int, y: int) -> tuple[int, int, int]:
    inside = x % 24 in range(5, 20) and y % 30 in range(8, 22)
    if not inside:
        return 70, 76, 86
    return ((46, 158, 95), (224, 161, 0), (25, 28, 33))[zlib.crc32(bytes((x // 24, y // 30))) % 3]
