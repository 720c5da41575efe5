"""What a deploy of the site does, in order."""

from __future__ import annotations

from pathlib import Path

from ixdjango.deploy.steps import Step

__all__ = ["CONTENT", "STEPS", "steps"]

CONTENT = Path(__file__).resolve().parent.parent / "content"
# In the order of the menu: pages are created in the order of their files.
_PAGES = ("home", "gardens", "repair-sheds", "field-crews", "jobs", "people", "about")

STEPS = [
    Step("wait_for_database"),
    Step("check"),
    Step("migrate", options={"interactive": False}),
    # Not before: an empty database lacks what the models expect of it.
    Step("check", ("--database", "default")),
    Step("collectstatic", options={"interactive": False}, scope="container"),
    # Only what the environment says: the rest of these objects is the editors'.
    Step("loaddata", ("-", "--env", "--patch"), stdin=CONTENT / "site-config.yaml"),
    # Seeds: what editors published since, or have a draft of, stays as it is.
    Step(
        "import_pages",
        ("--create-only", *(CONTENT / f"{name}.yaml" for name in _PAGES)),
        {"verbosity": 1},
    ),
    Step("update_index"),
]


def steps(*, production: bool) -> list[Step]:
    """Return the steps of a deploy; in production, settings that are unsafe end it."""
    if not production:
        return STEPS
    checked = Step("check", ("--deploy", "--fail-level", "WARNING"))
    return [checked if step == Step("check") else step for step in STEPS]
