"""Space that several uploads would take at once, and bytes that must not be thrown away for others that are lost."""

from typing import Any

import pytest

from registry.sdk import Actor, drop_file, files, visible
from registry_sendbig.models import File, Upload
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import BYTES, TUS, Tus, blob_of, files_of, said
from registry_sendbig.tests.test_asking import ask, secret_of
from registry_sendbig.uploads import quotas, receiving, sizes

DATA = b"\x01\x02" * 3000


@pytest.mark.parametrize("deferred", [False, True])
def test_parts_count_against_what_a_request_takes(post: Post, deferred: bool) -> None:
    asked = ask(post, most_bytes=1000, most_files=1)
    secret, client = secret_of(post, asked), post.installation.app.test_client()
    client.post(f"/x/sendbig/r/{secret}/visit", data={"name": "Joe", "email": "joe@third.example"})
    at, places = f"/x/sendbig/flow/requests/{secret}/files", []

    def part(size: int) -> int:
        head = {"Upload-Defer-Length": "1"} if deferred else {"Upload-Length": str(size)}
        made = client.post(at, headers={**TUS, **head, "Upload-Concat": "partial"})
        if made.status_code != 201:
            return int(made.status_code)
        places.append(made.headers["Location"])
        sent = {**TUS, "Upload-Offset": "0", "Content-Type": BYTES, "Upload-Length": str(size)}
        return int(client.patch(places[-1], headers=sent, data=b"x" * size).status_code)

    assert [part(size) for size in (600, 400)] == [204, 204]
    assert part(1) == 413, "all of it is taken by parts"
    named = {"Upload-Concat": "final;" + " ".join(places[:2]), "Upload-Metadata": said(filename="big.bin")}
    final = client.post(at, headers={**TUS, **named})
    assert final.status_code == 201, final.text
    [file] = visible(File, Actor.system())
    assert (file.size, file.state) == (1000, "kept")


@pytest.mark.parametrize("short", [False, True])
def test_what_came_is_kept_where_the_store_had_lost_the_same(post: Post, short: bool) -> None:
    """Before anybody has looked for what is lost."""
    tus = Tus(post.installation, post.people.manager)
    first = tus.sent(DATA)
    key = str(blob_of(first).key)
    if short:
        path = files.raw_store().local(key)
        assert path is not None
        path.write_bytes(DATA[:100])
    else:
        drop_file(key)
    again = tus.sent(DATA, "again.bin")
    healed = files_of(tus.transfer)[0]
    assert again.blob_id == healed.blob_id and b"".join(files.read(str(blob_of(again).key))) == DATA


class Slow:
    """A body of unknown length, during which others take space; they are looked at after each piece."""

    length, outcome = None, ""

    def __init__(self, other: Upload, pieces: int) -> None:
        self.other, self.left = other, pieces

    def pieces(self, *, stop: Any) -> Any:
        while self.left:
            self.left -= 1
            yield memoryview(b"x" * 100)
            Upload.update(arrived=Upload.arrived + 100).where(Upload.id == self.other.id).execute()
            stop()
        self.outcome = "whole"


def test_two_of_unknown_size_share_what_is_left(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    tus = Tus(post.installation, post.people.manager)
    for name in ("one", "two"):
        assert tus.create(Upload_Defer_Length="1", Upload_Metadata=said(filename=name)).status_code == 201
    mine, other = sending.uploads()
    most = 1000
    monkeypatch.setattr(quotas, "room", lambda customer_id, _transfer: most - quotas.used(customer_id))
    assert sizes.left(mine, 0) == 1000
    with pytest.raises(receiving.TooMuch):
        receiving.receive(mine, 0, Slow(other, 20))
    assert quotas.used(post.acme) == most
