"""Tokens of devices: 256 random bits, stored as a digest.

A token cannot be guessed, so a fast hash without salt is enough, and one indexed query
finds it. A slow hash would make two thousand devices wait after every restart.
"""

from __future__ import annotations

import hashlib
import secrets

__all__ = ["PREFIX", "bearer_token", "digest_token", "make_token"]

PREFIX = "fkd_"  # Lets a scanner recognise a token that was committed somewhere.


def make_token() -> str:
    """Return a new token."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_token(token: str) -> str:
    """Return the hexadecimal digest to store and to look up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header, or "" if it has none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
