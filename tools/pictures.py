"""Take the pictures of the README from the running demo.

    .venv/bin/python tools/pictures.py [FOLDER]

serves what `make demo` keeps on a free port, drives Chromium, and writes small PNGs
to `docs/pictures`, or to FOLDER.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SERVICES = (sys.executable, "-m", "dev_services", "run")
SITE = (*SERVICES, "--services", "postgresql", "--", sys.executable)
MANAGE = "testproject/manage.py"
COLOURS = 96
# An editor for the pictures only: nobody's password is needed, or changed.
LOG_IN = """
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.create_superuser("editor-of-pictures", first_name="Editor")
session = SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.create()
print(session.session_key)
"""
LOG_OUT = """
from django.contrib.auth import get_user_model
get_user_model().objects.filter(username="editor-of-pictures").delete()
"""


@dataclass(frozen=True)
class Picture:
    """A page, the size of the window, and what is scrolled into it."""

    name: str
    path: str
    width: int = 1280
    height: int = 800
    link: str = ""
    top: str = ""


ALL = (
    Picture("site", "/"),
    Picture("telephone", "/jobs/?flags=outdoors", 390, 844),
    Picture(
        "editor", "/admin/snippets/people/person/", 1280, 1240, "Ana Castelo", "Skills"
    ),
)


def in_shell(code: str) -> str:
    """Run code in the site and return what it prints."""
    done = subprocess.run(
        [*SITE, MANAGE, "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@contextmanager
def served() -> Iterator[str]:
    """Serve the demo on a free port, and give its address."""
    with subprocess.Popen(
        [*SITE, MANAGE, "demo", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        printed = ""
        for line in demo.stdout or ():
            printed += line
            if found := re.search(r"edit: (http://\S+)/admin/", line):
                break
        else:
            sys.exit(f"the demo did not start:\n{printed}")
        try:
            yield found[1]
        finally:
            demo.terminate()
            demo.communicate()


def take(picture: Picture, browser: Browser, address: str, session: str) -> bytes:
    """Return a picture as a PNG of few colours."""
    with browser.new_context(
        base_url=address,
        viewport={"width": picture.width, "height": picture.height},
    ) as context:
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.goto(picture.path)
        if picture.link:
            page.get_by_role("link", name=picture.link).first.click()
        if picture.top:
            heading = page.get_by_text(picture.top, exact=True).first
            heading.evaluate("element => element.scrollIntoView()")
        # The button of Wagtail's editors is no part of the site.
        page.add_style_tag(content="wagtail-userbar { display: none; }")
        page.wait_for_load_state("networkidle")
        shot = page.screenshot(animations="disabled")
    small = io.BytesIO()
    image = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS)
    image.save(small, "PNG", optimize=True)
    return small.getvalue()


def main(folder: Path) -> None:
    """Take all pictures."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("Chromium is needed: install it, or name it with CHROMIUM=PATH.")
    folder.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        session = in_shell(LOG_IN)
        try:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            )
            for picture in ALL:
                data = take(picture, browser, address, session)
                (folder / f"{picture.name}.png").write_bytes(data)
                print(f"{picture.name}.png: {len(data) / 1024:.0f} KiB")
            browser.close()
        finally:
            in_shell(LOG_OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
