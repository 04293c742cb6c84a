"""Files encrypted at rest: readable by this installation, in any range, until the key of their customer is dropped."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel import db, files, wall
from registry.kernel.errors import NotFound
from registry.kernel.files import FileKey, choice, keyring
from registry.kernel.files.encrypted import Decrypting
from registry.kernel.files.keyring import Cipherer
from registry.kernel.files.stretches import FileStretch
from tests.houses import House


@pytest.fixture
def sealed(any_house: House, tmp_path: Path) -> Iterator[House]:
    url = files.configured()
    files.use((tmp_path / "store").as_uri(), encrypt=True, spool=tmp_path / "spool")
    with wall.everywhere():
        yield any_house
    files.use(url)


def lying(key: str) -> bytes:
    with files.raw_store().open(key) as stream:
        return stream.read()


def test_a_file_is_there_for_us_and_for_nobody_else(sealed: House) -> None:
    text = b"acceptance paper " * 70_000
    kept = files.store().put(files.new_key(7), io.BytesIO(text))
    assert kept.key.endswith("-e") and files.is_encrypted(kept.key) and files.owner_of(kept.key) == 7
    assert kept.size == len(text) == files.size_of(kept.key) == len(lying(kept.key))
    assert kept.sha256 == hashlib.sha256(text).hexdigest()
    assert b"paper" not in lying(kept.key)
    with files.store().open(kept.key) as stream:
        assert stream.read(5) == text[:5] and stream.seek(1_000_003) == 1_000_003
        assert stream.read() == text[1_000_003:] and stream.seekable()
    assert list(files.listed(files.folder_of(7))) == [(kept.key, len(text))]
    assert files.plain_path(kept.key) is None and files.store().local(kept.key) is None
    assert files.presigned_get(kept.key, name="x", media_type="text/plain") is None


def test_no_two_files_look_alike(sealed: House) -> None:
    same = [lying(files.store().put(files.new_key(owner), io.BytesIO(bytes(64))).key) for owner in (7, 7, 8, None)]
    assert len(set(same)) == 4


def test_old_and_new_files_beside_each_other(sealed: House) -> None:
    new = files.store().put(files.new_key(7), io.BytesIO(b"new")).key
    files.use(files.configured())
    old = files.store().put(files.new_key(7), io.BytesIO(b"old")).key
    assert not files.is_encrypted(old) and lying(old) == b"old" and files.plain_path(old) is not None
    assert b"".join(files.read(new)) == b"new" and b"".join(files.read(old)) == b"old"


def test_whose_key_is_dropped_his_files_are_gone(sealed: House) -> None:
    mine, other, ours = (files.store().put(files.new_key(owner), io.BytesIO(b"text")).key for owner in (7, 8, None))
    place = files.begin(begun := files.new_key(7), 4)
    assert keyring.drop(7) == 1 and keyring.drop(7) == 0
    for call in (lambda: files.store().open(mine), lambda: files.read(mine), lambda: files.arriving(begun, place)):
        with pytest.raises(NotFound):
            call()
    assert FileKey.get_or_none(FileKey.customer_id == 7) is None, "looking for it makes no new one"
    assert b"".join(files.read(other)) == b"".join(files.read(ours)) == b"text"


def test_the_key_in_the_table_is_sealed(sealed: House) -> None:
    files.store().put(files.new_key(7), io.BytesIO(b"text"))
    [[kept]] = FileKey.select(FileKey.sealed).tuples()
    assert kept.startswith("gAAAA") and "sealed" in FileKey.SECRET


def test_two_at_once_make_one_key(sealed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's key is there by the time that ours is written."""
    key, look = files.new_key(7), keyring._secret_of
    theirs = keyring.to_write(key)
    answers = iter([None])
    monkeypatch.setattr(keyring, "_secret_of", lambda owner: next(answers, look(owner)))
    ours = keyring.to_write(key)
    assert ours.at(0).update(b"text") == theirs.at(0).update(b"text")


def test_files_put_inside_of_a_transaction(sealed: House) -> None:
    with db.transaction():
        key = files.store().put(files.new_key(9), io.BytesIO(b"text")).key
    assert b"".join(files.read(key)) == b"text"


def drafted() -> bytes:
    """What lies in the store of the one upload in progress."""
    [draft] = (Path(files.configured().removeprefix("file://")) / "incoming").iterdir()
    return draft.read_bytes()


def xored(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kept", [0, 7, 40])
def test_bytes_that_replace_others_never_meet_the_same_key_stream(sealed: House, kept: int) -> None:
    first, second = os.urandom(100), os.urandom(100)
    place = files.begin(key := files.new_key(7), 140)
    upload = files.arriving(key, place)
    upload.append([bytes(40)[:kept]])
    upload.append([first])
    before = drafted()[kept : kept + 100]
    files.arriving(key, place).cut(kept)
    upload = files.arriving(key, place)
    upload.append([second[:30], second[30:]])
    assert xored(before, drafted()[kept : kept + 100]) != xored(first, second)
    upload.append([bytes(40 - kept)])
    expected = bytes(kept) + second + bytes(40 - kept)
    assert b"".join(upload.pieces()) == expected
    upload.finish()
    assert b"".join(files.read(key)) == expected and b"".join(files.read(key, 33, 90)) == expected[33:123]
    with files.store().open(key) as stream:
        assert stream.seek(5) == 5 and stream.read() == expected[5:]
    assert FileStretch.select().count()
    files.store().delete(key)
    assert not FileStretch.select().count()


def test_what_older_versions_have_kept_piece_by_piece_is_read(sealed: House) -> None:
    """They had one stream for all of a file."""
    place = files.begin(key := files.new_key(7), 60)
    old, secret = files.raw_store().arriving(key, place), keyring._secret_of(7)
    assert secret
    old.append([Cipherer(secret, key).at(0).update(b"a" * 30)])
    new = files.arriving(key, place)
    assert b"".join(new.pieces()) == b"a" * 30
    new.append([b"b" * 30])
    new.finish()
    assert b"".join(files.read(key)) == b"a" * 30 + b"b" * 30


SECRET = bytes(range(32))
KEY = "customer/7/" + "ab" * 16 + "-e"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5), st.integers(0, 200))
def test_any_range_in_any_pieces(text: bytes, cuts: list[int], start: int) -> None:
    cipherer = Cipherer(SECRET, KEY)
    whole = cipherer.at(0).update(text)
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [cipherer.at(a).update(text[a:b]) for a, b in zip(edges, edges[1:], strict=False)]
    assert b"".join(pieces) == whole
    assert cipherer.at(start).update(whole[start:]) == text[start:]
    stream = Decrypting(io.BytesIO(whole), cipherer)
    stream.seek(start)
    assert stream.read() == text[start:]


def test_it_is_aes_in_counter_mode_with_a_key_of_the_file_s_own() -> None:
    """Written down here a second time, so that nobody changes it unawares: files would be lost."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    material = HKDF(SHA256(), 48, salt=None, info=f"file {KEY}".encode()).derive(SECRET)
    other = Cipher(algorithms.AES(material[:32]), modes.CTR(material[32:])).encryptor()
    text = os.urandom(1000)
    assert other.update(text) == Cipherer(SECRET, KEY).at(0).update(text)


def test_the_counter_goes_round() -> None:
    cipherer = Cipherer(SECRET, KEY)
    cipherer._first = 2**128 - 2
    whole = cipherer.at(0).update(bytes(100))
    assert cipherer.at(50).update(bytes(50)) == whole[50:]


def test_a_new_key_says_whether_files_are_encrypted(sealed: House) -> None:
    assert choice._encrypting == [True] and files.new_key(None).endswith("-e")
    files.use(files.configured(), encrypt=False)
    assert not files.new_key(None).endswith("-e")
