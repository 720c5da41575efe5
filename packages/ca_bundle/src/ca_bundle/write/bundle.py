"""The file of a bundle: normal PEM with names, replaced in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca_bundle.read.certificates import describe
from ca_bundle.use.bundles import render_certifi_line
from ca_bundle.use.hosts import Host

__all__ = ["render_bundle", "replace_file"]

READABLE_BY_ALL = 0o644  # certificates are public


def render_bundle(
    host: Host, members: Sequence[x509.Certificate], *, is_from_certifi: bool
) -> str:
    """Return the text of a bundle; the same members give the same text.

    If the root is one of certifi's, the text names the digest of certifi, so that a new
    certifi asks for a new bundle.
    """
    lines = [f"# For {host} only, built by ca_bundle: ca_bundle build --host {host}"]
    if is_from_certifi:
        lines.append(render_certifi_line())
    for member in members:
        lines += [
            "",
            f"# {describe(member)}",
            f"# valid until {member.not_valid_after_utc:%Y-%m-%d}",
            member.public_bytes(Encoding.PEM).decode("ascii").strip(),
        ]
    return "\n".join([*lines, ""])


def replace_file(path: Path, text: str) -> bool:
    """Write `text` into a file in one step; return False if it holds it already.

    A reader sees the old content or the new one. If writing fails, the old file stays.
    """
    path = path.resolve()  # a symbolic link stays one
    content = text.encode()
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return False
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), _find_mode(path))
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return True


def _find_mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return READABLE_BY_ALL
