"""Nothing lies about that nobody needs, and nothing goes that somebody needs."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.kernel import clock, jobs
from registry.kernel.audit import AuditEntry
from registry.kernel.files import moves, moving
from registry.kernel.mail import Mail
from registry.sdk import ANY_VERSION, Conflict, drop_file, files, keep_file
from registry_sendbig.commands import check, collect, move
from registry_sendbig.models import Blob, File, Transfer, Upload
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import Tus, blob_of, blobs, files_of
from registry_sendbig.transfers import service as transfers
from registry_sendbig.uploads import checking, settling, tidying
from registry_sendbig.uploads import service as uploads

DATA = b"\x01\x02" * 3000


@pytest.fixture
def tus(post: Post) -> Tus:
    return Tus(post.installation, post.people.manager)


def collected(tus: Tus) -> tidying.Collected:
    with tus.installation.app.app_context():  # so that jobs are done at once
        return tidying.collect()


def later(**more: float) -> clock.frozen:  # type: ignore[valid-type]
    return clock.frozen(clock.now() + timedelta(**more))


def test_expired_uploads_go_with_their_bytes_and_it_is_on_record(tus: Tus) -> None:
    at = tus.begin(10)
    tus.patch(at, 0, b"abc")
    part = tus.begin(5, Upload_Concat="partial")
    kept = tus.send(DATA)
    with later(days=7.5):
        assert collected(tus).expired == 0, "a day of grace"
        assert tus.head(at).status_code == 410
    with later(days=9):
        assert collected(tus).expired == 2
    assert [file.state for file in files_of(tus.transfer)] == ["kept"] and not sending.uploads()
    assert not list(files.unfinished()) and len(list(files.store().keys())) == 1
    assert AuditEntry.select().where(AuditEntry.action == "sendbig.file_expired").count() == 1
    for address in (at, part, kept):
        assert tus.head(address).status_code == 404


def test_what_was_sent_while_it_was_coming_and_never_came_is_not_left_out_in_silence(tus: Tus) -> None:
    """The rest does not leave as if it were all: its sender is told, and takes it out or all of it back."""
    me = tus.person.actor
    tus.send(DATA)
    tus.patch(tus.begin(10, "b.bin"), 0, b"abc")
    draft = transfers.change(me, tus.transfer.id, {"expires_in_days": 30}, ANY_VERSION)
    assert transfers.send(me, draft.id).state == "checking"
    with later(days=9):
        collected(tus)
        late = files_of(tus.transfer)[1]
        assert (late.state, late.refusal) == ("refused", "unfinished") and not list(files.unfinished())
        assert transfers.get(me, draft.id).state == "checking"
        assert [row.name for row in Mail.select()] == ["sendbig.refused"]
        transfers.remove_file(me, late.id)
        assert transfers.get(me, draft.id).state == "open"


def test_what_has_not_arrived_can_be_taken_out_of_what_was_sent(tus: Tus) -> None:
    me = tus.person.actor
    kept, at = tus.sent(DATA), tus.begin(10, "b.bin")
    assert transfers.send(me, tus.transfer.id).state == "checking"
    with pytest.raises(Conflict):
        transfers.remove_file(me, kept.id)
    shown = tus.person.get(f"/c/acme/x/sendbig/transfers/{tus.transfer.id}").text
    assert f"/files/{kept.id}/remove" not in shown and f"/files/{kept.id + 1}/remove" in shown
    transfers.remove_file(me, kept.id + 1)
    assert transfers.get(me, tus.transfer.id).state == "open" and tus.head(at).status_code == 404


def test_one_whose_last_byte_nobody_noticed_is_finished(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    at = tus.begin(3)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "arrived_whole", lambda number: None)
        tus.patch(at, 0, b"abc")
    assert collected(tus).finished == 0, "it may be about to be noticed"
    with later(minutes=10):
        assert collected(tus).finished == 1
    assert files_of(tus.transfer)[0].state == "kept"


def test_even_after_it_has_expired(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    at = tus.begin(3)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "arrived_whole", lambda number: None)
        tus.patch(at, 0, b"abc")
    with later(days=20):
        assert collected(tus).expired == 0
    assert files_of(tus.transfer)[0].state == "kept"


def test_one_that_somebody_sends_at_this_moment_stays(tus: Tus) -> None:
    from registry.sdk import held

    tus.begin(3)
    [row] = sending.uploads()
    with held(f"upload-{row.id}"), later(days=20):
        assert collected(tus).expired == 0
    assert sending.uploads()


def test_a_job_that_was_lost_is_asked_for_again(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "enqueue", lambda *_args, **_values: None)
        tus.send(DATA)
    with later(hours=1):
        assert collected(tus).checked == 0
    with later(hours=4):
        assert collected(tus).checked == 1
    assert files_of(tus.transfer)[0].state == "kept"


def test_what_is_stuck_is_tried_each_day(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "enqueue", lambda *_args, **_values: None)
        tus.send(DATA)
    Upload.update(tries=settling.MOST_TRIES).execute()
    File.update(state="stuck").execute()
    with later(hours=5):
        assert collected(tus).checked == 0
    with later(hours=25):
        assert collected(tus).checked == 1
    assert files_of(tus.transfer)[0].state == "kept"


def test_a_file_that_is_shared_stays_as_long_as_one_needs_it(tus: Tus, post: Post) -> None:
    tus.sent(DATA)
    other = Tus(post.installation, post.people.member)
    other.sent(DATA)
    Transfer.update(state="ended", ended_at=clock.now()).where(Transfer.id == tus.transfer.id).execute()
    with later(days=3):
        assert collected(tus).blobs == 0
    Transfer.update(state="ended", ended_at=clock.now()).where(Transfer.id == other.transfer.id).execute()
    with later(days=3):
        assert collected(tus).blobs == 1
        assert collected(tus).blobs == 0
    [blob] = blobs()
    assert blob.key is None and blob.gone_at and blob.sha256, "the record of what was sent stays"
    assert not list(files.store().keys())
    File.delete().execute()
    collected(tus)
    assert not blobs()


def test_killed_between_the_row_and_the_bytes(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    tus.sent(DATA)
    Transfer.update(state="ended", ended_at=clock.now()).execute()

    class Killed(BaseException):
        pass

    def killed(*_args: object) -> None:
        raise Killed

    with later(days=3):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(type(files.store()), "delete", killed)
            collected(tus)
        assert collected(tus).blobs == 1
    assert not list(files.store().keys())


def test_the_same_bytes_sent_while_the_old_ones_go_are_kept_anew(tus: Tus, post: Post) -> None:
    tus.sent(DATA)
    Blob.update(gone_at=clock.now()).execute()
    other = Tus(post.installation, post.people.member)
    assert blob_of(other.sent(DATA)).gone_at is None
    Transfer.update(state="ended", ended_at=datetime(2020, 1, 1, tzinfo=UTC)).where(
        Transfer.id == tus.transfer.id
    ).execute()
    collected(tus)
    [kept] = files.store().keys()
    assert b"".join(files.read(kept)) == DATA


def test_uploads_that_only_the_store_knows(tus: Tus) -> None:
    tus.begin(3)
    key = files.new_key(1)
    files.begin(key, 10)
    assert collected(tus).strangers == 0, "perhaps its row is about to be written"
    with later(days=2):
        assert collected(tus).strangers == 1
    assert [one[0] for one in files.unfinished()] == [sending.uploads()[0].key]


def test_it_is_a_job() -> None:
    assert jobs.JOBS["sendbig.collect"].minutes == 15


# --- assetcare sendbig check ---------------------------------------------------------------------------------


def kinds(deep: bool = False) -> list[str]:
    return [one.kind for one in checking.findings(deep=deep)]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE", 0)
    monkeypatch.setattr(checking, "FAR_PAUSE", 0)


def test_rows_and_bytes_agree(tus: Tus) -> None:
    tus.sent(DATA)
    tus.begin(10)
    keep_file(1, BytesIO(b"of somebody else, who has no row yet"))
    assert kinds(deep=True) == []


def test_bytes_that_are_gone_are_found_marked_and_found_again(tus: Tus) -> None:
    file = tus.sent(DATA)
    key = str(blob_of(file).key)
    drop_file(key)
    [one] = checking.findings()
    assert one.kind == "missing" and one.repair
    one.repair()
    assert blob_of(file).missing_at and [each.repair for each in checking.findings()] == [None]
    assert blob_of(tus.sent(DATA)).key != key, "they are not counted on"
    files.store().put(key, BytesIO(DATA))
    [back] = checking.findings()
    assert back.kind == "found" and back.repair
    back.repair()
    assert kinds() == []


def test_lost_bytes_that_are_sent_again_heal_what_had_lost_them(tus: Tus, post: Post) -> None:
    mine, theirs = tus.sent(DATA), Tus(post.installation, post.people.stranger).sent(DATA)
    drop_file(str(blob_of(mine).key))
    [one] = checking.findings()
    assert one.repair
    one.repair()
    Tus(post.installation, post.people.stranger).sent(DATA)
    assert blob_of(files_of(tus.transfer)[0]).missing_at, "what another customer sends is his own"
    again = tus.sent(DATA, "again.bin")
    first, second = files_of(tus.transfer)
    assert first.blob_id == second.blob_id == again.blob_id and not blob_of(first).missing_at
    assert blob_of(theirs).customer_id != blob_of(first).customer_id
    with later(days=2):
        tidying.collect()
    assert kinds() == []


@pytest.mark.parametrize("marked", [False, True])
def test_a_file_whose_bytes_are_lost_takes_those_of_a_twin_of_the_same_customer(
    tus: Tus, post: Post, marked: bool
) -> None:
    mine, theirs = tus.sent(DATA), Tus(post.installation, post.people.stranger).sent(DATA)
    lost = blob_of(mine)
    drop_file(str(lost.key))
    [one] = checking.findings()
    assert "second time" not in one.text, "another customer's bytes are his own"
    again = tus.sent(DATA, "again.bin")  # marks it lost, and is kept beside it
    File.update(blob=lost.id).where(File.id == mine.id).execute()
    if not marked:
        Blob.update(missing_at=None).where(Blob.id == lost.id).execute()
    [one] = checking.findings(deep=True)
    assert one.kind == "missing" and "second time" in one.text and one.repair
    one.repair()
    first, _second = files_of(tus.transfer)
    assert first.blob_id == again.blob_id not in (lost.id, theirs.blob_id)
    assert [each.repair for each in checking.findings()] == [None], "of no file any more"


def test_other_bytes_are_found(tus: Tus) -> None:
    key = str(blob_of(tus.sent(DATA)).key)
    files.store().put(key, BytesIO(DATA[:-1]))
    assert kinds() == ["size"]
    files.store().put(key, BytesIO(DATA[:-1] + b"!"))
    assert kinds() == [] and kinds(deep=True) == ["damaged"]


def test_bytes_without_a_row_and_uploads_that_were_lost(tus: Tus) -> None:
    tus.begin(10)
    [row] = sending.uploads()
    files.abort(row.key, row.place)
    stray = keep_file(1, BytesIO(b"stray"))[0]
    files.begin(files.new_key(1), 10)
    with later(days=2):
        found = list(checking.findings())
        assert sorted(one.kind for one in found) == ["lost", "nameless", "stranger"]
        for one in found:
            assert one.repair
            one.repair()
        assert kinds() == []
    assert not files.store().exists(stray) and not list(files.unfinished()) and not files_of(tus.transfer)


def test_the_commands(tus: Tus, post: Post) -> None:
    tus.sent(DATA)
    assert "agree" in CliRunner().invoke(check, ["--deep"]).output
    drop_file(str(blobs()[0].key))
    done = CliRunner().invoke(check, ["--json"])
    assert done.exit_code == 1 and [one["kind"] for one in json.loads(done.output)["findings"]] == ["missing"]
    done = CliRunner().invoke(check, ["--repair"])
    assert done.exit_code == 0 and "Repaired" in done.output
    assert json.loads(CliRunner().invoke(collect, ["--json"]).output)["blobs"] == 0
    assert "Expired uploads: 0" in post.installation.command("sendbig", "collect")


def test_the_store_moves_with_an_upload_in_progress(tus: Tus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((moving, "GRACE"), (moving, "LOOK_SECONDS"), (moves, "LOOK_SECONDS")):
        monkeypatch.setattr(module, name, 0.0)
    key = str(blob_of(tus.sent(DATA)).key)
    at = tus.begin(6)
    tus.patch(at, 0, b"abc")
    to = f"file://{tmp_path}/elsewhere"
    first = CliRunner().invoke(move, ["--to", to])
    assert first.exit_code == 1 and "in progress at the old place: 1" in first.output, first.output
    assert tus.patch(at, 3, b"def").status_code == 204
    again = CliRunner().invoke(move, ["--to", to])
    assert again.exit_code == 0 and f"Set ASSETCARE_STORAGE={to}" in again.output, again.output
    assert (tmp_path / "elsewhere" / key).read_bytes() == DATA and b"".join(files.read(key)) == DATA
    assert kinds(deep=True) == []
    wrong = CliRunner().invoke(move, ["--to", "ftp://x"])
    assert wrong.exit_code == 1 and "ASSETCARE_STORAGE" in wrong.output
