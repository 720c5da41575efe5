"""Which revision is deployed: what a platform's variable, a file or git says."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

__all__ = ["FILE", "VARIABLES", "revision_of"]

#: Looked at in this order; the last ones are those of platforms and CI.
VARIABLES = (
    "GIT_COMMIT",
    "REVISION",
    "SOURCE_VERSION",
    "SOURCE_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "RENDER_GIT_COMMIT",
    "RAILWAY_GIT_COMMIT_SHA",
    "CI_COMMIT_SHA",
    "GITHUB_SHA",
)
#: A file in the project's folder that an image may be built with.
FILE = "REVISION"
GIT_TIMEOUT_S = 5
DESCRIBE = ("describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")


def revision_of(environ: Mapping[str, str], folder: Path) -> str | None:
    """Return the revision of the project in `folder`, None if nothing tells it.

    git is asked last: an image rarely has `.git`, and git refuses a repository of
    another owner, as a container's often is.
    """
    for name in VARIABLES:
        if value := environ.get(name, "").strip():
            return value
    try:
        if value := (folder / FILE).read_text(encoding="utf-8").strip():
            return value.split()[0]
    except (OSError, UnicodeDecodeError):
        pass
    try:
        asked = subprocess.run(  # noqa: S603 - fixed words
            ["git", "-C", str(folder), *DESCRIBE],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            timeout=GIT_TIMEOUT_S,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = asked.stdout.strip() if asked.returncode == 0 else ""
    # Files that were changed since are no revision: each deploy may differ.
    return None if said.endswith("-dirty") else said or None
