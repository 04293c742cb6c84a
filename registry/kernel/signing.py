"""The installation's signature (Ed25519): whoever has the public key can tell what this house has signed, without it.

The key is derived from the installation's secret, so it needs no keeping of its own and ends with the secret.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.kernel.secrets import derive

_key: Ed25519PrivateKey | None = None


def use_secret(secret: str) -> None:
    """Called once by open_house: from now on `sign()` signs with the key that belongs to this secret."""
    global _key
    _key = Ed25519PrivateKey.from_private_bytes(derive(secret, "signatures"))


def _own() -> Ed25519PrivateKey:
    if _key is None:
        raise RuntimeError("there is no key to sign with yet: open_house calls signing.use_secret()")
    return _key


def sign(data: bytes) -> str:
    """The signature of `data`, as 128 hex digits."""
    return _own().sign(data).hex()


def public_key() -> str:
    """The key to check signatures with, as 64 hex digits."""
    return _own().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def public_pem() -> str:
    """The same in PEM, as openssl wants it."""
    return _own().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def genuine(data: bytes, signature: str, key: str) -> bool:
    """Whether `signature` was made over `data` by the owner of the public `key` (both as hex digits)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True
