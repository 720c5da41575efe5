"""No file is left behind by a run that was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from wagtail.images import get_image_model

from wagtailimporter.write.files import FOLDER

pytestmark = pytest.mark.django_db

KILLED = """
import os, signal, sys
import django
django.setup()
from django.db.models.signals import post_save
from wagtail.images import get_image_model
from wagtailimporter import import_files

def die(**kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

post_save.connect(die, sender=get_image_model(), weak=False)
import_files([sys.argv[1]])
"""


def files(settings) -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def test_two_files_of_one_name_get_two_names(folder, settings):
    folder.image("one/a.png")
    folder.image("two/a.png", "blue")

    folder.load("{image: one/a.png}\n---\n{image: two/a.png}")

    names = [image.file.name for image in get_image_model().objects.order_by("pk")]
    assert names[0] == "original_images/a.png"
    assert names[1].startswith("original_images/a_")
    assert len(files(settings)) == 2


def test_what_a_killed_run_stored_is_deleted_by_the_next(folder, settings):
    folder.image("a.png")
    folder.load("{image: a.png}")
    for name in ("original_images/orphan.png", "original_images/of_others.png"):
        default_storage.save(name, ContentFile(b"x"))
    journal = [
        ["image", "original_images/orphan.png"],
        ["image", "original_images/a.png"],
    ]
    default_storage.save(f"{FOLDER}/x.json", ContentFile(json.dumps(journal).encode()))

    folder.load("{image: a.png}")

    assert files(settings) == ["original_images/a.png", "original_images/of_others.png"]


def test_a_run_that_is_killed_leaves_a_journal(folder, settings, tmp_path):
    folder.image("a.png")
    path = folder.write("{image: a.png}")
    code = KILLED.replace(
        "django.setup()",
        "from django.conf import settings\n"
        f"settings.MEDIA_ROOT = {str(settings.MEDIA_ROOT)!r}\n"
        f"settings.DATABASES['default']['NAME'] = {settings.DATABASES['default']['NAME']!r}\n"
        "django.setup()",
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}

    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=Path(__file__).parents[2],
        env=environment,
        timeout=60,
        check=False,
    )

    assert done.returncode == -signal.SIGKILL
    assert not get_image_model().objects.exists()
    assert len(files(settings)) == 2  # the image and the journal
    folder.load("{type: testapp.topic, slug: t, title: T}")
    assert files(settings) == []
