"""Secrets that are links or tokens: shown once, kept as a hash."""

import hashlib
import secrets


def new() -> str:
    return secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """Return what is kept of a key. A fast hash is right: it is 256 random bits, no password."""
    return hashlib.sha256(key.encode()).hexdigest()
