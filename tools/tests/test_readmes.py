"""Every README works when it is followed literally in an empty folder."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from PIL import Image
from readme import ROOT, Block, NotFollowed, Place, agrees, blocks, environment

from ixdjango.environment import database_url


def add_picture(folder: Path) -> None:
    Image.new("RGB", (80, 60), "green").save(folder / "team.jpg")


@dataclass(frozen=True)
class Newcomer:
    """What somebody has who follows a README."""

    has_database: bool = True
    add_files: Callable[[Path], None] = Path.exists


# The packages whose README is followed.
FOLLOWED = {
    "choice_array_field": Newcomer(),
    "dev_services": Newcomer(has_database=False),
    "ixdjango": Newcomer(),
    "loaddata_stdin": Newcomer(),
    "postgres_composite_types": Newcomer(),
    "wagtail_derived_fields": Newcomer(),
    "wagtailimporter": Newcomer(add_files=add_picture),
}


@pytest.fixture
def empty_database() -> Iterator[str]:
    server, name = database_url(os.environ), f"readme_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def above(tmp_path: Path) -> Iterator[Path]:
    """A folder with a space in its name; what root's servers kept for it goes again."""
    folder = tmp_path / "a newcomer's"
    folder.mkdir()
    yield folder
    for kept_in in folder.glob("*/.services/kept-in"):
        shutil.rmtree(kept_in.read_text().strip())


@pytest.mark.parametrize("package", FOLLOWED)
def test_the_readme_works_in_an_empty_folder(
    package: str, above: Path, empty_database: str
) -> None:
    newcomer, folder = FOLLOWED[package], ROOT / "packages" / package
    url = {"DATABASE_URL": empty_database} if newcomer.has_database else {}
    place = Place(above / "project", folder, environment(**url))
    place.prepare()
    newcomer.add_files(place.folder)
    found = blocks((folder / "README.md").read_text(encoding="utf-8"))

    for block in found:
        place.follow(block)

    assert any("pip install" in block.text for block in found)


def test_blocks_are_read_with_their_language_and_file() -> None:
    text = (
        "```python\n# shop/models.py\nx = 1\n```\n\n- item:\n\n"
        "  ```console\n  $ ls\n  a\n  ```\n\n<!-- not followed: it needs a ship -->\n"
        "```sh\nsail\n```\n\n```\nplain\n```\n"
    )

    model, session = blocks(text)

    assert (model.language, model.path) == ("python", "shop/models.py")
    assert session == Block("console", "$ ls\na\n")
    assert list(session.commands()) == [("ls", "a\n")]


@pytest.mark.parametrize(
    ("printed", "shown", "expected"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        (
            "started in 0.62 s at 127.0.0.1:4012\n",
            "started in 9.6 s at 127.0.0.1:1\n",
            True,
        ),
        ("one\ntwo\nthree\n", "one\n...\n", True),
        ("", "a\n", False),
    ],
)
def test_output_agrees_apart_from_times_and_ports(
    printed: str, shown: str, expected: bool
) -> None:
    assert agrees(printed, shown) is expected


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (Block("sh", "false\ntrue\n"), "exit code 1"),
        (Block("console", "$ echo a\nb\n"), "but the README shows\nb"),
        (Block("python", ">>> 1 + 1\n3\n"), "Expected:\n    3"),
        (Block("python", "nothing\n"), "NameError"),
    ],
)
def test_what_does_not_work_is_told(tmp_path: Path, block: Block, said: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "a.whl").touch()
    place = Place(folder, ROOT / "packages" / "ixdjango", environment())

    with pytest.raises(NotFollowed) as caught:
        place.follow(block)

    assert said in str(caught.value)
