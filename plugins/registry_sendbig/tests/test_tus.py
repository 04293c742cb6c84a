"""The protocol, answer by answer, as the specification of tus 1.0.0 and its clients want it."""

import base64
import errno
import hashlib
import os
import zlib
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import pytest

from registry.kernel import clock
from registry.kernel.files import incoming
from registry.sdk import ANY_VERSION, files, held
from registry_sendbig.models import Release
from registry_sendbig.requests import service as asking
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import BYTES, TUS, Tus, blob_of, blobs, files_of, said
from registry_sendbig.uploads import quotas, receiving, tidying
from registry_sendbig.uploads import service as uploads

DATA = bytes(range(256)) * 40


@pytest.fixture
def tus(post: Post) -> Tus:
    return Tus(post.installation, post.people.manager)


def test_a_file_comes_whole_is_verified_and_kept(tus: Tus) -> None:
    at = tus.begin(len(DATA), "Bericht über 光模块.bin", Upload_Metadata=said(
        filename="Bericht über 光模块.bin", relativePath="a/b/Bericht über 光模块.bin",
        filetype="application/octet-stream", sha256=hashlib.sha256(DATA).hexdigest(),
    ))  # fmt: skip
    assert tus.stands(at) == 0
    answer = tus.patch(at, 0, DATA[:1000])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "1000")
    assert tus.stands(at) == 1000
    assert tus.patch(at, 1000, DATA[1000:]).headers["Upload-Offset"] == str(len(DATA))
    [file] = files_of(tus.transfer)
    assert (file.name, file.folder, file.state, file.size) == ("Bericht über 光模块.bin", "a/b", "kept", len(DATA))
    blob = blob_of(file)
    assert (blob.sha256, blob.size, blob.scan) == (hashlib.sha256(DATA).hexdigest(), len(DATA), "not_scanned")
    assert blob.crc32c is not None and b"".join(files.read(str(blob.key))) == DATA
    head = tus.head(at)
    assert int(head.headers["Upload-Offset"]) == len(DATA), "a client that missed the last answer asks, and is content"


def test_the_head_of_an_upload(tus: Tus) -> None:
    metadata = said(filename="x.bin")
    head = tus.head(tus.begin(100, Upload_Metadata=metadata))
    told = {name: head.headers.get(name) for name in ("Upload-Offset", "Upload-Length", "Upload-Metadata",
            "Tus-Resumable", "Cache-Control", "Upload-Defer-Length")}  # fmt: skip
    assert told == {
        "Upload-Offset": "0", "Upload-Length": "100", "Upload-Metadata": metadata, "Tus-Resumable": "1.0.0",
        "Cache-Control": "no-store", "Upload-Defer-Length": None,
    }  # fmt: skip
    assert parsedate_to_datetime(head.headers["Upload-Expires"]) > clock.now() + timedelta(days=6)


def test_options_tell_what_it_can_do(tus: Tus) -> None:
    for at in (
        tus.address,
        tus.begin(1),
        "/x/sendbig/flow/uploads/whatever",
        "/x/sendbig/flow/requests/whatever/files",
    ):
        answer = tus.installation.app.test_client().options(at)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0" and int(answer.headers["Tus-Max-Size"]) > 10**12
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            "creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination",
            "concatenation",
        }  # fmt: skip
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,md5,crc32"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "٣"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": str(10**17)}, 413),
        ({"Upload-Length": "5", "Upload-Defer-Length": "1"}, 400),
        ({"Upload-Defer-Length": "2"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename /w=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": said(sha256="12")}, 400),
        ({"Upload-Length": "5", "Upload-Concat": "middle"}, 400),
        ({"Upload-Concat": "final;"}, 400),
        ({"Upload-Concat": "final;/x/sendbig/flow/uploads/nothing"}, 404),
        ({"Upload-Concat": "final;http://[nonsense"}, 404),
        ({"Upload-Length": "5", "Upload-Concat": "final;/x/sendbig/flow/uploads/nothing"}, 400),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412),
    ],
)
def test_creation_refuses(tus: Tus, headers: dict[str, str], status: int) -> None:
    answer = tus.person.request("POST", tus.address, headers={**TUS, "X-CSRF-Token": tus.person._csrf, **headers})
    assert answer.status_code == status, answer.text
    assert answer.get_json()["message"] and answer.headers["Tus-Resumable"] == "1.0.0"
    assert not sending.uploads() and not files_of(tus.transfer) and not list(files.unfinished())
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Offset": "5"}, 409, "offset"),
        ({"Upload-Offset": ""}, 400, "length"),
        ({"Upload-Offset": "-0"}, 400, "length"),
        ({"Content-Type": "application/json"}, 415, "content_type"),
        ({"Tus-Resumable": "2.0.0"}, 412, "tus_version"),
        ({"Upload-Checksum": "sha3 AAAA"}, 400, "checksum_header"),
        ({"Upload-Checksum": "sha1 AAAA"}, 400, "checksum_header"),
        ({"Upload-Checksum": "sha1 " + base64.b64encode(b"x" * 20).decode()}, 460, "checksum"),
        ({"Upload-Length": "7"}, 400, "length"),
    ],
)
def test_going_on_refuses(tus: Tus, headers: dict[str, str], status: int, code: str) -> None:
    at = tus.begin(10)
    sent = {**TUS, "Content-Type": BYTES, "Upload-Offset": "0", **headers}
    answer = tus.installation.app.test_client().patch(at, headers=sent, data=b"abc")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert tus.stands(at) == 0, "nothing is kept of what was refused"


def test_more_than_was_said_is_refused_before_it_is_read(tus: Tus) -> None:
    at = tus.begin(3)
    assert tus.patch(at, 0, b"abcd").status_code == 413
    assert tus.stands(at) == 0


@pytest.mark.parametrize("name", ["sha1", "sha256", "md5", "crc32"])
def test_checksums(tus: Tus, name: str) -> None:
    def of(data: bytes) -> str:
        raw = zlib.crc32(data).to_bytes(4) if name == "crc32" else hashlib.new(name, data).digest()
        return f"{name} {base64.b64encode(raw).decode()}"

    at = tus.begin(len(DATA))
    assert tus.patch(at, 0, DATA[:500], Upload_Checksum=of(DATA[:500])).status_code == 204
    assert tus.patch(at, 500, DATA[500:600], Upload_Checksum=of(b"other")).status_code == 460
    assert tus.stands(at) == 500
    assert tus.patch(at, 500, DATA[500:], Upload_Checksum=of(DATA[500:])).status_code == 204
    assert [file.state for file in files_of(tus.transfer)] == ["kept"]


def test_what_was_thrown_away_leaves_nothing_in_the_sums(tus: Tus) -> None:
    """Also where bytes came before it that had not been noted, since their process was killed."""
    at = tus.begin(len(DATA))
    [row] = sending.uploads()
    receiving.arriving(row).append([DATA[:500]])
    wrong = f"sha256 {base64.b64encode(hashlib.sha256(b'other').digest()).decode()}"
    assert tus.patch(at, 500, DATA[500:600], Upload_Checksum=wrong).status_code == 460
    assert tus.stands(at) == 500
    assert tus.patch(at, 500, DATA[500:]).status_code == 204
    assert [file.state for file in files_of(tus.transfer)] == ["kept"]
    assert blobs()[-1].sha256 == hashlib.sha256(DATA).hexdigest()


def test_creation_with_upload(tus: Tus) -> None:
    answer = tus.create(len(DATA), DATA[:100])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "100")
    at = answer.headers["Location"]
    assert tus.patch(at, 100, DATA[100:]).status_code == 204
    whole = tus.create(len(DATA), DATA)
    assert whole.headers["Upload-Offset"] == str(len(DATA))
    assert [file.state for file in files_of(tus.transfer)] == ["kept", "kept"]


def test_creation_with_upload_by_a_caller_who_goes_away_leaves_nothing(tus: Tus) -> None:
    """Nobody has heard its address, so nobody goes on with it: its space is free at once."""
    sent = {**sending.TUS, "X-CSRF-Token": tus.person._csrf, "Upload-Length": "1000", "Content-Type": sending.BYTES}
    body = {"input_stream": BytesIO(DATA[:300]), "environ_overrides": {"CONTENT_LENGTH": "1000"}}
    assert tus.person.request("POST", tus.address, headers=sent, **body).status_code == 410
    assert not files_of(tus.transfer) and not sending.uploads() and not list(files.unfinished())


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [({}, b"longer", 413), ({"Upload_Checksum": "sha1 x"}, b"abc", 400),
     ({"Upload_Checksum": "md5 " + base64.b64encode(bytes(16)).decode()}, b"abc", 460)],
)  # fmt: skip
def test_refused_first_bytes_leave_nothing(tus: Tus, headers: dict[str, str], data: bytes, status: int) -> None:
    assert tus.create(3, data, **headers).status_code == status
    assert not sending.uploads() and not files_of(tus.transfer) and not list(files.unfinished())


def test_an_empty_file_is_complete_at_once(tus: Tus) -> None:
    at = tus.begin(0, "empty.txt")
    assert tus.stands(at) == 0
    [file] = files_of(tus.transfer)
    assert (file.state, file.size) == ("kept", 0)


def test_the_length_may_come_later(tus: Tus) -> None:
    at = tus.create(Upload_Defer_Length="1").headers["Location"]
    head = tus.head(at)
    assert head.headers["Upload-Defer-Length"] == "1" and "Upload-Length" not in head.headers
    assert tus.patch(at, 0, DATA[:50]).status_code == 204
    assert tus.patch(at, 50, b"", Upload_Length="20").status_code == 400, "less than has come"
    assert tus.patch(at, 50, DATA[50:70], Upload_Length="70").status_code == 204
    assert tus.head(at).headers["Upload-Length"] == "70"
    [file] = files_of(tus.transfer)
    assert (file.state, file.size) == ("kept", 70)


def test_termination(tus: Tus) -> None:
    at = tus.begin(10)
    tus.patch(at, 0, b"abc")
    assert tus.ask("DELETE", at).status_code == 204
    assert tus.head(at).status_code == 404 and tus.patch(at, 3, b"x").status_code == 404
    assert not files_of(tus.transfer) and not sending.uploads() and not list(files.unfinished())


def test_a_file_of_a_draft_can_be_taken_back_and_one_that_was_sent_cannot(tus: Tus) -> None:
    at, kept = tus.send(DATA), tus.send(DATA[:5])
    assert tus.ask("DELETE", at).status_code == 204
    assert [file.size for file in files_of(tus.transfer)] == [5]
    type(tus.transfer).update(state="open").where(type(tus.transfer).id == tus.transfer.id).execute()
    answer = tus.ask("DELETE", kept)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "complete")
    assert len(files_of(tus.transfer)) == 1


def test_concatenation(tus: Tus) -> None:
    parts = [tus.begin(len(piece), Upload_Concat="partial") for piece in (DATA[:100], DATA[100:])]
    assert tus.head(parts[0]).headers["Upload-Concat"] == "partial"
    final = "final;" + " ".join((parts[0], f"http://localhost{parts[1]}"))
    tus.patch(parts[0], 0, DATA[:100])
    early = tus.create(Upload_Concat=final)
    assert (early.status_code, early.get_json()["code"]) == (409, "concat")
    tus.patch(parts[1], 0, DATA[100:])
    assert not files_of(tus.transfer), "parts are no files"
    answer = tus.create(Upload_Concat=final, Upload_Metadata=said(filename="whole.bin"))
    assert answer.status_code == 201
    at = answer.headers["Location"]
    head = tus.head(at)
    assert (head.headers["Upload-Concat"], head.headers["Upload-Length"]) == (final, str(len(DATA)))
    assert head.headers["Upload-Offset"] == str(len(DATA))
    assert tus.patch(at, len(DATA), b"x").status_code == 403
    [file] = files_of(tus.transfer)
    assert (file.name, file.state) == ("whole.bin", "kept")
    assert b"".join(files.read(str(blob_of(file).key))) == DATA
    assert tus.create(Upload_Concat=final).status_code == 409, "each part once"
    assert len(list(files.store().keys())) == 1, "the parts are gone"


def test_parts_are_used_once_and_stay_until_they_are_put_together(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tus.begin(3, Upload_Concat="partial")
    tus.patch(part, 0, b"abc")
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "enqueue", lambda *_args, **_values: None)
        assert tus.create(Upload_Concat=f"final;{part}").status_code == 201
        assert tus.create(Upload_Concat=f"final;{part}").get_json()["code"] == "concat"
        assert tus.ask("DELETE", part).get_json()["code"] == "complete"
        assert quotas.used(tus.transfer.customer_id) == 3
    with tus.installation.app.app_context(), clock.frozen(clock.now() + timedelta(days=20)):
        assert tidying.collect().checked == 1
    [file] = files_of(tus.transfer)
    assert (file.state, b"".join(files.read(str(blob_of(file).key)))) == ("kept", b"abc")
    assert tus.ask("DELETE", part).status_code in (204, 410)


def test_parts_of_somebody_else_are_not_known(tus: Tus, post: Post) -> None:
    part = tus.begin(3, Upload_Concat="partial")
    tus.patch(part, 0, b"abc")
    other = Tus(tus.installation, post.people.stranger)
    assert other.create(Upload_Concat=f"final;{part}").status_code == 404
    second = Tus(tus.installation, tus.person)
    assert second.create(Upload_Concat=f"final;{part}").status_code == 404, "of another transfer, too"


def test_the_method_may_stand_in_a_header(tus: Tus) -> None:
    at = tus.begin(3)
    sent = {"Upload_Offset": "0", "Content-Type": BYTES, "X-HTTP-Method-Override": "PATCH"}
    assert tus.ask("POST", at, b"abc", **sent).headers["Upload-Offset"] == "3"
    assert tus.ask("POST", tus.begin(3), data=None, **{"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert tus.ask("POST", at).status_code == 405


def test_asking_is_never_refused_for_who_asks(tus: Tus) -> None:
    """A client takes a 401, 403 or 429 for "begin anew" and throws away hours of work."""
    at = tus.begin(3)
    wrong: dict[str, Any] = {"Authorization": "Bearer expired-long-ago", "Cookie": "assetcare=of-yesterday"}
    for _ in range(70):  # as many wrong tokens as get a network throttled
        assert tus.ask("HEAD", at, **wrong).status_code == 200
    assert tus.ask("PATCH", at, b"abc", Upload_Offset="0", **{"Content-Type": BYTES}, **wrong).status_code == 204


@pytest.mark.parametrize("text", ["x", "..", "%00", "a" * 200, "%ED%A0%80", "' OR 1=1"])
def test_an_address_cannot_be_guessed(tus: Tus, text: str) -> None:
    at = tus.begin(3)
    assert len(at.rpartition("/")[2]) >= 43, "256 bits"
    for method in ("HEAD", "PATCH", "DELETE"):
        assert tus.ask(method, f"/x/sendbig/flow/uploads/{text}").status_code == 404
    [row] = sending.uploads()
    assert at.rpartition("/")[2] not in str(row.__data__), "the table knows its hash alone"


def test_who_may_begin(tus: Tus, post: Post) -> None:
    people, sent = post.people, {**TUS, "Upload-Length": "3"}
    for person, status in ((people.stranger, 404), (people.reader, 403), (people.engineer, 201), (people.member, 201)):
        answer = person.request("POST", tus.address, headers={**sent, "X-CSRF-Token": person._csrf})
        assert answer.status_code == status, person.actor.name
    assert people.manager.request("POST", tus.address, headers=sent).status_code == 403, "without the session's token"
    assert tus.installation.app.test_client().post(tus.address, headers=sent).status_code == 401
    gone, sent["X-CSRF-Token"] = tus.address.replace(str(tus.transfer.id), "999999"), people.admin._csrf
    assert people.admin.request("POST", gone, headers=sent).status_code == 404


def test_nothing_is_added_to_what_was_sent(tus: Tus) -> None:
    type(tus.transfer).update(state="ended").where(type(tus.transfer).id == tus.transfer.id).execute()
    assert tus.create(3).status_code == 409


def test_an_upload_expires_and_its_clock_is_reset_by_going_on(tus: Tus) -> None:
    at = tus.begin(10)
    now = clock.now()
    with clock.frozen(now + timedelta(days=6)):
        assert tus.patch(at, 0, b"abc").status_code == 204
    with clock.frozen(now - timedelta(days=300)):  # a clock that goes wrong does no harm
        assert tus.stands(at) == 3
    with clock.frozen(now + timedelta(days=12)):
        assert tus.stands(at) == 3
    with clock.frozen(now + timedelta(days=14)):
        assert tus.head(at).status_code == 410
        assert tus.patch(at, 3, b"x").get_json()["code"] == "gone"


def test_what_the_store_has_lost_is_gone_and_never_finished(tus: Tus) -> None:
    at = tus.begin(10)
    tus.patch(at, 0, b"abc")
    [row] = sending.uploads()
    files.abort(row.key, row.place)
    assert tus.head(at).status_code == 410
    assert files_of(tus.transfer)[0].state == "receiving"


def test_the_last_byte_came_and_then_the_power_went(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    at = tus.begin(3)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "arrived_whole", lambda number: None)
        tus.patch(at, 0, b"abc")
    assert files_of(tus.transfer)[0].state == "receiving"
    assert tus.stands(at) == 3
    assert files_of(tus.transfer)[0].state == "kept"


def test_a_disk_that_is_full_keeps_what_fitted(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, piece: memoryview) -> None:
        os.write(handle, piece[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    at = tus.begin(len(DATA))
    with monkeypatch.context() as patch:
        patch.setattr(incoming, "_write", full)
        answer = tus.patch(at, 0, DATA)
        assert (answer.status_code, answer.get_json()["code"]) == (507, "no_space")
    assert tus.stands(at) == 100
    assert tus.patch(at, 100, DATA[100:]).status_code == 204
    assert files_of(tus.transfer)[0].state == "kept"


def test_two_cannot_write_one_upload(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "PAUSE", 0.02)
    at = tus.begin(3)
    [row] = sending.uploads()
    with held(f"upload-{row.id}"):
        answer = tus.patch(at, 0, b"abc")
        assert (answer.status_code, tus.head(at).status_code) == (423, 423)
        asked = sending.uploads()[0].stop_asked_at
    assert asked is not None, "whoever writes is asked to stop"
    assert tus.patch(at, 0, b"abc").status_code == 204
    assert sending.uploads()[0].stop_asked_at is None


def test_names_are_shown_as_they_are_and_lead_nowhere(tus: Tus) -> None:
    names = {
        "../../etc/passwd": "passwd", "C:\\Temp\\x.bin": "x.bin", "gpj\u202eexe.bin": "gpjexe.bin",
        "a\0b\n.txt": "ab.txt", "...": "file", "": "file", " x ": "x", "\u2028": "file",
        "ü" * 300 + ".iso": "ü" * 125 + ".iso",
    }  # fmt: skip
    for given, shown in names.items():
        tus.begin(1, Upload_Metadata=said(filename=given))
        assert files_of(tus.transfer)[-1].name == shown, given
    tus.begin(1, Upload_Metadata=said(relativePath="../a/./b//c/x.bin"))
    assert (files_of(tus.transfer)[-1].folder, files_of(tus.transfer)[-1].name) == ("a/b/c", "x.bin")


def test_same_bytes_are_kept_once_for_a_customer_and_again_for_another(tus: Tus, post: Post) -> None:
    tus.sent(DATA, "one.bin")
    tus.sent(DATA, "two.bin")
    assert len(blobs()) == 1 and len(list(files.store().keys())) == 1
    Tus(tus.installation, post.people.stranger).sent(DATA)
    assert len({one.customer_id for one in blobs()}) == 2 and len(list(files.store().keys())) == 2


def test_an_outsider_sends_by_a_request_within_its_limits(tus: Tus, post: Post) -> None:
    asked = asking.create(post.people.member.actor, post.acme, {"title": "Logs", "most_bytes": 100, "most_files": 3})
    secret = asking.link_of(post.people.member.actor, asked.id).rpartition("/")[2]
    at, client = f"/x/sendbig/flow/requests/{secret}/files", tus.installation.app.test_client()

    def create(**headers: str) -> Any:
        return client.post(at, headers={**TUS, **{name.replace("_", "-"): value for name, value in headers.items()}})

    made = create(Upload_Length="60", Upload_Metadata=said(filename="log.txt"))
    assert made.status_code == 201, made.text
    assert tus.patch(made.headers["Location"], 0, b"x" * 60).status_code == 204
    [file] = [one for one in tus.everything() if one.transfer_id != tus.transfer.id]
    assert (file.state, file.customer_id, file.name) == ("kept", post.acme, "log.txt")
    assert create(Upload_Length="41").status_code == 413
    unknown = create(Upload_Defer_Length="1").headers["Location"]
    assert tus.patch(unknown, 0, b"x" * 41).status_code == 413
    assert tus.patch(unknown, 0, b"x" * 30, Upload_Length="41").status_code == 413
    assert tus.patch(unknown, 0, b"x" * 30, Upload_Length="40").status_code == 204
    assert create(Upload_Length="1").status_code == 413
    asking.close(post.people.member.actor, asked.id, ANY_VERSION)
    assert create(Upload_Length="0").status_code == 409
    assert client.post("/x/sendbig/flow/requests/none/files", headers={**TUS, "Upload-Length": "1"}).status_code == 404


def test_a_file_of_a_patch_belongs_to_the_house(tus: Tus, post: Post) -> None:
    release = Release.create(product_id=1, kind="patch", title="Firmware", version_name="1.1")
    at = f"/x/sendbig/flow/releases/{release.id}/files"
    engineer, manager = post.people.engineer, post.people.manager
    tus.person, tus.address = engineer, at
    tus.send(DATA, "firmware.bin")
    [file] = tus.everything()
    assert (file.release_id, file.customer_id, file.state) == (release.id, None, "kept")
    assert (blobs()[0].customer_id, str(blobs()[0].key)[:6]) == (None, "house/")
    assert len(blobs()) == 1
    Tus(post.installation, manager).sent(DATA)
    assert {one.customer_id for one in blobs()} == {None, post.acme}, "the house's bytes are nobody else's"
    tus.person = manager
    assert tus.create(3).status_code == 403
    parts = tus_as(tus, engineer)
    part = parts.begin(3, Upload_Concat="partial")
    parts.patch(part, 0, b"abc")
    assert parts.create(Upload_Concat=f"final;{part}").status_code == 201
    Release.update(state="withdrawn").where(Release.id == release.id).execute()
    assert parts.create(3).status_code == 409


def tus_as(tus: Tus, person: Any) -> Tus:
    tus.person = person
    return tus


def test_errors_before_the_view_are_for_programs_too(tus: Tus) -> None:
    answer = tus.installation.app.test_client().post(tus.address, headers=TUS)
    assert answer.status_code == 401 and answer.get_json()["message"]
    tus.person._csrf = "of yesterday"
    assert tus.create(3).get_json()["code"] == "csrf"
