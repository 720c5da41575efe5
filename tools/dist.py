"""Build every package and check what would be published."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"


def run(*command: str | Path) -> None:
    """Run a command of this environment; leave with its exit code where it fails."""
    print("$", *command, flush=True)
    done = subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:]], cwd=ROOT
    )
    if done.returncode:
        sys.exit(done.returncode)


def main() -> None:
    """Build, then check metadata, contents and descriptions."""
    shutil.rmtree(DIST, ignore_errors=True)
    run("uv", "build", "--quiet", "--all-packages", "--out-dir", "dist")
    files = [path.relative_to(ROOT) for path in sorted(DIST.glob("fieldkit_*"))]
    run("twine", "check", "--strict", *files)
    for package in sorted(
        path.parent for path in ROOT.glob("packages/*/pyproject.toml")
    ):
        [wheel] = DIST.glob(f"fieldkit_{package.name}-*.whl")
        source = package / "src" / package.name
        run("validate-pyproject", (package / "pyproject.toml").relative_to(ROOT))
        # Django names migrations by a number first, which no import statement can.
        numbered = ["--ignore", "W004"] if (source / "migrations").is_dir() else []
        # Only this form notices data files that the build left out.
        run(
            "check-wheel-contents",
            *numbered,
            "--package",
            source.relative_to(ROOT),
            wheel.relative_to(ROOT),
        )


if __name__ == "__main__":
    main()
