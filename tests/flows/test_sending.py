"""Answers with large files: which part, under which name, by whom, and what counts as delivered."""

import contextlib
import socket
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
import structlog
from werkzeug.wrappers import Response

from registry.kernel import db, files
from registry.kernel.errors import NotFound
from registry.web.flows import sending, wire
from registry.web.flows.body import at_length, body, db_again
from registry.web.flows.sending import send_pieces, send_stored
from tests.houses import House

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * 5000
SIZE = len(CONTENT)
KEY = "house/" + "cd" * 16


@pytest.fixture
def kept(house: House) -> House:
    files.store().put(KEY, BytesIO(CONTENT))
    return house


def answer(house: House, *, method: str = "GET", size: int = SIZE, key: str = KEY, **more: Any) -> Response:
    """What send_stored answers to a request with these `headers`; the rest of `more` is its own."""
    headers = more.pop("headers", {})
    with house.app.test_request_context("/x/some/flow/file", method=method, headers=headers):
        return send_stored(key, **{"name": "a.bin", "media_type": "image/png", "etag": "e1", "size": size} | more)


def sent(found: Response) -> bytes:
    """All that goes out, as a server asks for it."""
    with contextlib.closing(found):
        return b"".join(found.response)  # type: ignore[arg-type]


PARTS = [
    ("bytes=0-", 206, 0, SIZE),
    ("bytes=5-9", 206, 5, 10),
    (f"bytes={SIZE - 1}-{SIZE + 50}", 206, SIZE - 1, SIZE),
    ("bytes=-10", 206, SIZE - 10, SIZE),
    (f"bytes=-{SIZE + 50}", 206, 0, SIZE),
    ("bytes=1-2,5-6", 200, 0, SIZE),
    ("lines=1-2", 200, 0, SIZE),
    ("bytes=b-a", 200, 0, SIZE),
]


@pytest.mark.parametrize(("asked", "status", "first", "end"), PARTS)
def test_a_part_is_what_was_asked_for(kept: House, asked: str, status: int, first: int, end: int) -> None:
    found = answer(kept, headers={"Range": asked})
    assert (found.status_code, sent(found)) == (status, CONTENT[first:end])
    assert found.headers["Content-Length"] == str(end - first)
    assert found.headers.get("Content-Range") == (f"bytes {first}-{end - 1}/{SIZE}" if status == 206 else None)


def test_beyond_the_end_there_is_nothing(kept: House) -> None:
    found = answer(kept, headers={"Range": f"bytes={SIZE}-"})
    assert found.status_code == 416 and found.headers["Content-Range"] == f"bytes */{SIZE}"


def test_a_part_of_another_version_is_no_part(kept: House) -> None:
    def status(if_range: str) -> int:
        return answer(kept, headers={"Range": "bytes=1-", "If-Range": if_range}).status_code

    assert [status(told) for told in ('"e1"', '"e2"', "Wed, 21 Oct 2026 07:28:00 GMT")] == [206, 200, 200]
    assert answer(kept, headers={"If-None-Match": '"e1"'}).status_code == 304
    assert answer(kept, headers={"If-None-Match": '"e2"'}).status_code == 200


def test_head_tells_the_size_and_opens_nothing(kept: House) -> None:
    files.store().delete(KEY)
    found = answer(kept, method="HEAD", headers={"Range": "bytes=5-9"})
    assert (found.status_code, found.headers["Content-Length"], sent(found)) == (200, str(SIZE), b"")
    with pytest.raises(NotFound):
        answer(kept)


def test_what_is_shown_is_a_picture_or_a_pdf_and_nothing_runs_in_it(kept: House) -> None:
    shown = answer(kept, inline=True, name="Bär.png").headers
    assert shown["Content-Disposition"].startswith("inline; ") and shown["X-Frame-Options"] == "DENY"
    for kind, sent in (
        ("text/html", "text/html"), ("image/svg+xml", "image/svg+xml"), ("x\r\ny: z", "application/octet-stream"),
        ("", "application/octet-stream"),
    ):  # fmt: skip
        saved = answer(kept, inline=True, media_type=kind).headers
        assert saved["Content-Disposition"].startswith("attachment; ") and saved["Content-Type"] == sent
        assert saved["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert saved["X-Content-Type-Options"] == "nosniff" and saved["X-Frame-Options"] == "DENY"
    assert "%EF%BF%BD" in answer(kept, name="\ud800").headers["Content-Disposition"].replace("%3F", "%EF%BF%BD")


Told = list[tuple[int, int]]


def test_what_was_delivered_is_told_with_the_database_at_hand(kept: House) -> None:
    told: Told = []

    def delivered(first: int, end: int) -> None:
        assert db.run_sql("SELECT 1").fetchone()[0] == 1
        told.append((first, end))

    sent(answer(kept, on_delivered=delivered))
    cut = answer(kept, on_delivered=delivered, headers={"Range": "bytes=10-"})
    pieces = iter(cut.response)
    assert next(pieces) and told == [(0, SIZE)]
    cut.close()
    assert told[1:] == [(10, 10)], "it ended; the only piece was on its way"
    assert sent(answer(kept, size=0, on_delivered=delivered)) == b"" and told[-1] == (0, 0)


def test_a_record_that_fails_does_not_break_the_answer_and_a_short_file_does_not_pass_unseen(
    kept: House,
) -> None:
    def fails(_first: int, _end: int) -> None:
        raise RuntimeError("no room")

    with structlog.testing.capture_logs() as logged:
        assert sent(answer(kept, on_delivered=fails)) == CONTENT
        assert sent(answer(kept, size=SIZE + 7)) == CONTENT
    assert [(line["event"], line.get("missing")) for line in logged] == [
        ("delivery_not_noted", None), ("file_is_short", 7),
    ]  # fmt: skip


def test_the_proxy_sends_where_it_is_set_up(kept: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told: Told = []

    def asked(how: str, **more: Any) -> Response:
        monkeypatch.setitem(kept.app.config, "ASSETCARE", type(kept.settings)(data=kept.settings.data, sendfile=how))
        return answer(kept, on_delivered=lambda first, end: told.append((first, end)), **more)

    found = asked("x-accel-redirect:/kept/", headers={"Range": "bytes=5-9"})
    assert found.headers["X-Accel-Redirect"] == f"/kept/{KEY}" and sent(found) == b"" and told == [(5, 10)]
    assert asked("x-sendfile").headers["X-Sendfile"].endswith(f"/files/{KEY}") and told[1:] == [(0, SIZE)]
    assert asked("x-sendfile", headers={"If-None-Match": '"e1"'}).status_code == 304, "or it would send it, unnoticed"
    assert len(told) == 2
    assert sent(asked("x-sendfile", by_proxy=False)) == CONTENT
    monkeypatch.setattr(type(files.store()), "local", lambda _store, _key: None)
    assert sent(asked("x-sendfile")) == CONTENT, "a store elsewhere, or an encrypted file"


def test_what_is_made_while_it_is_sent_can_be_gone_on_with(house: House) -> None:
    def source(first: int, length: int) -> Any:
        yield CONTENT[first : first + length]

    with house.app.test_request_context("/x", headers={"Range": "bytes=100-"}):
        found = send_pieces(source, name="all.zip", media_type="application/zip", etag="z", size=SIZE)
    assert found.status_code == 206 and sent(found) == CONTENT[100:]


# --- Bodies where no connection can be taken over: other servers, test clients -----------------------------


def received(house: House, data: bytes, length: int) -> tuple[str, bytes]:
    environ = {"wsgi.input": BytesIO(data), "CONTENT_LENGTH": str(length), "REQUEST_METHOD": "PUT"}
    with house.app.test_request_context("/x/some/flow/file", environ_overrides=environ):
        coming = body()
        whole = b"".join(bytes(piece) for piece in coming.pieces())
        assert not coming.raw and coming.received == len(whole)
        return coming.outcome, whole


def test_a_body_larger_than_others_may_be_is_read_by_any_server(house: House) -> None:
    large = CONTENT * 3
    assert len(large) > house.app.config["MAX_CONTENT_LENGTH"]
    assert received(house, large, len(large)) == ("whole", large)
    outcome, came = received(house, large[:100_000], len(large))
    assert outcome == "cut" and len(came) >= 100_000 - 64 * 1024
    assert received(house, b"", 0) == ("whole", b"")


def test_what_takes_long_holds_no_connection(any_house: House) -> None:
    db.connect()
    with at_length():
        assert db.is_sqlite() or db.database.is_closed()
        with db_again():
            assert db.run_sql("SELECT 1").fetchone()[0] == 1
        assert db.is_sqlite() or db.database.is_closed()
    assert not db.database.is_closed()
    with db.transaction(), pytest.raises(RuntimeError, match="end the transaction"), at_length():
        pass


def test_who_takes_little_is_written_little_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that an answer which is to be broken off has not left long before; who takes much gets all in large pieces."""
    now, slow, content = [0.0], [], [bytes([number]) * MIB for number in range(6)]
    monkeypatch.setattr(sending, "monotonic", lambda: now[0])
    told: list[bytes] = []
    for step in sending._in_steps(iter(content), lambda: slow.append(now[0])):
        told.append(step)
        now[0] += 3.0 if 3 * MIB <= sum(map(len, told)) < 4 * MIB else 0.0
    assert b"".join(told) == b"".join(content)
    sizes = [len(step) for step in told]
    assert sizes[0] == 64 * 1024 and max(sizes[:8]) == MIB, "soon in large pieces"
    after = sizes[[sum(sizes[:number]) > 3 * MIB for number in range(len(sizes))].index(True) :]
    assert slow and min(after) == 64 * 1024 and len(slow) >= 3


def test_what_cannot_be_broken_off_is_little() -> None:
    """On a real connection of TCP: whoever reads nothing finds the system take less than it would."""
    taken = []
    for held in (False, True):
        with socket.create_server(("127.0.0.1", 0)) as door, socket.socket() as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            caller.connect(door.getsockname())
            ours = door.accept()[0]
            with ours:
                if held:
                    wire.hold_little(ours)
                ours.settimeout(0.5)
                count = 0
                with suppress(TimeoutError):
                    while count < 64 * MIB:
                        count += ours.send(bytes(64 * 1024))
                taken.append(count)
    assert taken[1] < taken[0] and taken[1] < MIB


def test_a_connection_that_is_no_tcp_is_left_as_it_is() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.hold_little(ours)
