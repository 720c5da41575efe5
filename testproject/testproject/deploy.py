"""What a deploy of the site does, in order."""

from __future__ import annotations

from pathlib import Path

from ixdjango.steps import Step

__all__ = ["CONTENT", "STEPS"]

CONTENT = Path(__file__).resolve().parent.parent / "content"
# In the order of the menu: pages are created in the order of their files.
_PAGES = ("home", "gardens", "repair-sheds", "field-crews", "jobs", "people", "about")

STEPS = [
    Step("wait_for_database"),
    Step("check", options={"databases": ["default"]}),
    Step("migrate", options={"interactive": False}),
    Step("collectstatic", options={"interactive": False}),
    Step("loaddata", ("-", "--env"), stdin=CONTENT / "site-config.yaml"),
    Step("import_pages", tuple(CONTENT / f"{name}.yaml" for name in _PAGES)),
    Step("update_index"),
]
