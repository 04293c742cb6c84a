"""How much may come is said before the first byte is sent."""

import shutil
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from registry.kernel import clock
from registry.sdk import transaction
from registry_sendbig.models import Blob, Transfer
from registry_sendbig.tests import sending
from registry_sendbig.tests.post import Post
from registry_sendbig.tests.sending import Tus, files_of, setting
from registry_sendbig.uploads import quotas, tidying

GB = 10**9


@pytest.fixture
def tus(post: Post) -> Tus:
    return Tus(post.installation, post.people.manager)


def refused(tus: Tus, size: int | None, **headers: Any) -> str:
    answer = tus.create(size, **headers)
    assert answer.status_code == 413, answer.text
    assert answer.get_json()["message"].strip()
    return str(answer.get_json()["code"])


def test_what_was_promised_counts_before_it_has_come(tus: Tus, post: Post) -> None:
    setting(post.acme, quota_gb=3, transfer_gb=3)
    tus.begin(2 * GB)
    answer = tus.create(2 * GB)
    assert answer.status_code == 413 and answer.get_json()["code"] == "quota"
    assert "2.0 GB of 3.0 GB are taken, and this file needs 2.0 GB" in answer.get_json()["message"]
    at = tus.begin(GB)
    assert refused(tus, 1) == "quota"
    other = Tus(post.installation, post.people.stranger)
    assert other.create(2 * GB).status_code == 201, "another customer has space of his own"
    assert tus.ask("DELETE", at).status_code == 204
    assert tus.create(GB).status_code == 201, "what was given back can be had again"


def test_a_transfer_has_limits_of_its_own(tus: Tus, post: Post) -> None:
    setting(post.acme, quota_gb=100, transfer_gb=2, most_files=3)
    tus.begin(GB)
    assert refused(tus, 2 * GB) == "transfer_size"
    part = tus.begin(GB, Upload_Concat="partial")
    assert refused(tus, 1) == "transfer_size", "parts count, too"
    tus.ask("DELETE", part)
    tus.begin(1), tus.begin(1)
    assert refused(tus, 1) == "most_files"
    assert Tus(post.installation, post.people.member).create(2 * GB).status_code == 201


def test_an_upload_of_unknown_length_ends_where_the_space_does(
    tus: Tus, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "GB", 1000)
    setting(post.acme, quota_gb=1, transfer_gb=1)
    at = tus.create(Upload_Defer_Length="1").headers["Location"]
    assert tus.patch(at, 0, bytes(600)).status_code == 204
    assert tus.patch(at, 600, bytes(600)).status_code == 413
    assert tus.patch(at, 600, b"", Upload_Length="1100").get_json()["code"] == "quota"
    assert tus.patch(at, 600, bytes(400), Upload_Length="1000").status_code == 204
    assert files_of(tus.transfer)[0].state == "kept"


def test_same_bytes_count_once(tus: Tus, post: Post) -> None:
    tus.sent(bytes(1000))
    tus.sent(bytes(1000))
    assert quotas.used(post.acme) == 1000 and quotas.used_by(tus.transfer) == 2000


def test_the_disk_is_looked_at(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    setting(spare_gb=5)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=8 * GB, total=0, used=0))
    tus.begin(2 * GB)
    answer = tus.create(2 * GB)
    assert (answer.status_code, answer.get_json()["code"]) == (507, "no_space")
    assert "3.0 GB are free for uploads" in answer.get_json()["message"], "less what others were promised"
    assert not [one for one in files_of(tus.transfer) if one.size == 0] and len(sending.uploads()) == 1


def test_two_at_once_do_not_both_get_the_last_space(tus: Tus, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from registry.sdk import held

    monkeypatch.setattr(quotas, "PATIENCE", 0.05)
    with held(f"sendbig-quota-{post.acme}"):
        assert tus.create(1).status_code == 423
    assert tus.create(1).status_code == 201


def test_the_space_of_an_ended_transfer_is_free_a_day_later(tus: Tus, post: Post) -> None:
    tus.sent(bytes(1000))
    Blob.update(created_at=clock.now() - timedelta(days=9)).execute()
    with transaction():
        Transfer.update(state="ended", ended_at=clock.now()).where(Transfer.id == tus.transfer.id).execute()
    assert tidying.collect().blobs == 0 and quotas.used(post.acme) == 1000
    with clock.frozen(clock.now() + timedelta(days=2)):
        done = tidying.collect()
        assert (done.blobs, done.bytes) == (1, 1000)
        assert quotas.used(post.acme) == 0
