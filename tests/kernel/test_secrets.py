"""Secrets: made once and kept from others, refused when weak, one key for each purpose."""

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.kernel import secrets
from registry.kernel.secrets import Vault, WeakSecret, check_secret, derive, hash_token, load_secret, new_token

SOUND = "5f2c9a1e7b3d8046c1e5a9b7d3f08264e6a1c5b9"


def test_the_first_start_makes_a_secret_that_only_its_owner_reads(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = load_secret(tmp_path, None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert re.fullmatch("[0-9a-f]{64}", made)
    assert load_secret(tmp_path, None) == made
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda folder: load_secret(folder, None), [folder] * 8))
        assert len(found) == 1
        assert [path.name for path in folder.iterdir()] == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_secret(tmp_path, None)
    (tmp_path / "secret").chmod(mode)
    with pytest.raises(WeakSecret, match="chmod 600"):
        load_secret(tmp_path, None)


@pytest.mark.parametrize(
    "text",
    ["", "short", "a" * 64, "abcabcabc" * 10, f"{SOUND}-changeme", f"Password{SOUND}", f"assetcare{SOUND}", SOUND[:31]],
)
def test_a_weak_or_shipped_secret_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WeakSecret):
        check_secret(text)
    (tmp_path / "secret").write_text(text)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(WeakSecret):
        load_secret(tmp_path, None)


def test_a_configured_secret_wins_and_leaves_no_file(tmp_path: Path) -> None:
    assert load_secret(tmp_path, SOUND) == SOUND
    assert not list(tmp_path.iterdir())


def test_each_purpose_has_a_key_of_its_own() -> None:
    keys = {derive(SOUND, "a"), derive(SOUND, "b"), derive(SOUND[::-1], "a")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
    assert derive(SOUND, "a") == derive(SOUND, "a")


def test_what_one_secret_sealed_another_does_not_open() -> None:
    sealed = Vault(SOUND).seal("ABCD-1234 ключ")
    assert "ABCD" not in sealed
    assert Vault(SOUND).open(sealed) == "ABCD-1234 ключ"
    assert Vault(SOUND).seal("ABCD-1234 ключ") != sealed
    with pytest.raises(ValueError, match="another secret"):
        Vault(SOUND[::-1]).open(sealed)
    with pytest.raises(ValueError, match="another secret"):
        Vault(SOUND).open(sealed[:-4] + "AAAA")


def test_the_vault_needs_a_secret_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_vault", None)
    with pytest.raises(RuntimeError, match="use_secret"):
        secrets.vault()


def test_tokens_are_256_bits_and_never_the_same() -> None:
    made = {new_token() for _ in range(200)}
    assert len(made) == 200
    assert all(len(token) >= 43 for token in made)  # 32 bytes in base64
    assert all(len(hash_token(token)) == 64 and token not in hash_token(token) for token in made)
