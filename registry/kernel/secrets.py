"""Secrets: made at first start, kept in a file only the owner reads, refused when weak."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

SHORTEST = 32
# Words that turn up in example files and container templates. A secret that holds one was copied, not made.
SHIPPED = ("changeme", "change-me", "secret", "password", "default", "example", "assetcare", "insecure", "0000000000")


class WeakSecret(ValueError):
    """The configured secret is short, repetitive or known."""


def check_secret(text: str) -> str:
    if len(text) < SHORTEST or len(set(text)) < 10 or any(word in text.lower() for word in SHIPPED):
        raise WeakSecret(
            "ASSETCARE_SECRET (or the file secret in the data folder) is too weak: give at least 32 random characters "
            "(python3 -c 'import secrets; print(secrets.token_urlsafe(48))'), or leave it out and one is made."
        )
    return text


def check_folder(folder: Path) -> None:
    """Raises WeakSecret when every account of this host may look into the data folder."""
    if folder.stat().st_mode & 0o007:
        raise WeakSecret(f"The data folder {folder} is open to every account of this host: chmod 700 it.")


def load_secret(folder: Path, configured: str | None) -> str:
    """The configured secret, or the one kept in `folder`/secret, made there (mode 0600) at first start."""
    if configured:
        return check_secret(configured)
    path = folder / "secret"
    if not path.exists():
        _make_secret(path)
    if path.stat().st_mode & 0o077:
        raise WeakSecret(f"{path} can be read by others: chmod 600 it, or remove it to get a new one.")
    return check_secret(path.read_text().strip())


def _make_secret(path: Path) -> None:
    """Written aside and linked into place whole: of several processes that start at once one wins, all read its own."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose, so that no two uses share a key."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


class Vault:
    """Encrypts small texts (licence keys, second factors) at rest, and marks what others keep, with keys derived from
    the installation's secret."""

    def __init__(self, secret: str) -> None:
        import base64

        self._fernet = Fernet(base64.urlsafe_b64encode(derive(secret, "licence keys")))
        self._marks = derive(secret, "marks")

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ValueError("this was sealed with another secret; restore the old ASSETCARE_SECRET") from None

    def mark(self, purpose: str, text: str) -> str:
        """What only this installation can put under a text that others keep (HMAC-SHA256, in hexadecimal)."""
        return hmac.new(self._marks, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


_vault: Vault | None = None


def use_secret(secret: str) -> None:
    """Called once by create_app: from now on `vault()` seals with keys derived from this secret."""
    global _vault
    _vault = Vault(secret)


def vault() -> Vault:
    """The installation's vault. A RuntimeError means that nobody called `use_secret`."""
    if _vault is None:
        raise RuntimeError("the vault has no secret yet: create_app calls use_secret()")
    return _vault


def new_token() -> str:
    """256 random bits as text; only its hash is kept."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256: a token is random, so a slow hash would gain nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
