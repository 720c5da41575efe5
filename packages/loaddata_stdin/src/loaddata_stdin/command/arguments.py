"""The options of `manage.py loaddata` that Django's command has not."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandParser
from django.core.management.utils import parse_apps_and_model_labels

from loaddata_stdin.exceptions import LoaddataStdinError
from loaddata_stdin.limits import Limits, size
from loaddata_stdin.read.fixture import FORMATS
from loaddata_stdin.substitute import Substitution

__all__ = [
    "add_arguments",
    "file_format",
    "is_ours",
    "modes",
    "refuse_ours",
    "refuse_with_files",
    "substitution",
]

# Any in this module: the options of a command.

_LIMITS = Limits()
_MOST_ERRORS = 10**9
_COMPRESSIONS = {".gz", ".bz2", ".xz", ".lzma", ".zip", ".zst"}
_FLAGS = {
    "--patch": "Of rows that are there, write only the fields that an object lists.",
    "--delete-missing": "Delete the rows of the models of standard input that it does"
    " not hold; refuse to where others would go with them.",
    "--validate": "Validate every row as a form does (full_clean) before it is kept.",
    "--dry-run": "Do everything, say what it was, and undo it.",
    "--diff": "Say which rows are created, updated and deleted, and what changes.",
}
# What changes how every object is written: files are written by Django.
_ALONE = (
    "on_conflict",
    "patch",
    "key",
    "delete_missing",
    "only",
    "validate",
    "dry_run",
    "diff",
    "summary",
)


def add_arguments(parser: CommandParser) -> None:
    """Add what concerns standard input to Django's options."""
    parser.add_argument(
        "--env",
        action="store_true",
        help="Replace ${NAME}, ${NAME:-default} and ${NAME:?message} in the strings"
        " of standard input by the environment's values, ${file:PATH} by the text of"
        " a file; $$ is a dollar sign.",
    )
    parser.add_argument(
        "--env-allow",
        action="append",
        default=[],
        metavar="NAME|file:FOLDER",
        help="Replace only references to these variables, such as SHOP_*, and to files"
        " in these folders; it implies --env. For fixtures that others wrote.",
    )
    parser.add_argument(
        "--expect",
        type=_expected,
        metavar="N",
        help="Load nothing unless standard input holds N objects; 'end': unless its"
        " end is marked by YAML's '...', the ']' of JSON, the last tag of XML or a"
        ' record {"count": N}.',
    )
    _add_limits(parser)
    _add_modes(parser)


def _add_limits(parser: CommandParser) -> None:
    parser.add_argument(
        "--max-errors",
        type=_at_least_one,
        default=1,
        metavar="N",
        help="Go on after an object of standard input that cannot be loaded, up to N"
        " of them, and print a line for each; nothing is written all the same.",
    )
    for option, default, what in (
        ("--max-object-size", _LIMITS.object_size, "an object"),
        ("--max-window", _LIMITS.window_size, "the window of a decompressor"),
    ):
        parser.add_argument(
            option,
            type=size,
            default=default,
            metavar="SIZE",
            help=f"The most that {what} of standard input may take, such as 64M;"
            f" {default // 1024**2}M without it.",
        )


def _add_modes(parser: CommandParser) -> None:
    parser.add_argument(
        "--on-conflict",
        choices=["update", "ignore", "error"],
        help="What to do with an object of standard input whose row was there before:"
        " update the row (the default), ignore the object, or load nothing.",
    )
    for option, text in _FLAGS.items():
        parser.add_argument(option, action="store_true", help=text)
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="APP.MODEL=FIELD[,FIELD...]",
        help="Find the rows of a model by these fields in place of the primary key,"
        " which then only tells the objects of standard input from each other.",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="APP[.MODEL]",
        help="Leave out the objects of all other apps and models.",
    )
    parser.add_argument(
        "--summary",
        choices=["json"],
        help="Write what was done to standard output as one JSON object, alone.",
    )


def file_format(label: str, folders: Iterable[str]) -> str | None:
    """Return the format of a fixture that is named by its path, None of any other.

    Args:
        label: an argument of the command line.
        folders: those of fixtures, from which Django may load several of one name.
    """
    suffixes = Path(label).suffixes
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    format_name = suffixes[-1][1:] if suffixes else ""
    is_elsewhere = Path(label).name == label and any(
        Path(folder, label).is_file()
        for folder in folders
        if Path(folder) != Path.cwd()
    )
    if format_name not in FORMATS or is_elsewhere or not Path(label).is_file():
        return None
    return format_name if is_ours(format_name) else None


def is_ours(format_name: str | None) -> bool:
    """Return whether standard input is read here; of other formats Django knows.

    Raises:
        LoaddataStdinError: nobody knows the format.
    """
    if format_name is None or format_name in FORMATS:
        return format_name not in getattr(settings, "SERIALIZATION_MODULES", {})
    known = {*FORMATS, *serializers.get_public_serializer_formats()}
    if format_name not in known:
        message = (
            f"--format {format_name}: there is no such format; leave it out, or choose"
            f" from {', '.join(sorted(known))}."
        )
        raise LoaddataStdinError(message)
    return False


def _expected(text: str) -> int | Literal["end"]:
    if text != "end" and not (text.isascii() and text.isdigit()):
        message = f"{text!r} is neither a number of objects nor 'end'"
        raise argparse.ArgumentTypeError(message)
    return "end" if text == "end" else int(text)


def _at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        message = f"{text!r} is no number of errors from 1"
        raise argparse.ArgumentTypeError(message)
    return min(int(text), _MOST_ERRORS)


def substitution(options: dict[str, Any]) -> Substitution | None:
    """Return what replaces references, if the options of a command ask for it.

    Raises:
        LoaddataStdinError: `--env-allow` names neither a variable nor a folder.
    """
    allowed = options["env_allow"] or None
    if not (options["env"] or allowed):
        return None
    try:
        return Substitution(os.environ, allowed)
    except ValueError as error:
        message = f"--env-allow {error}."
        raise LoaddataStdinError(message) from error


def _asked(options: dict[str, Any]) -> list[str]:
    return [name for name in _ALONE if options.get(name)]


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def refuse_ours(options: dict[str, Any]) -> None:
    """Refuse options for standard input where it is not read by this package.

    Raises:
        LoaddataStdinError: there is one.
    """
    is_asked = {
        "env": options["env"],
        "env-allow": bool(options["env_allow"]),
        "expect": options["expect"] is not None,
        "max-errors": options["max_errors"] > 1,
    }
    for name in [*(each for each in is_asked if is_asked[each]), *_asked(options)]:
        message = (
            f"{_flag(name)} is for '-' or one file in {', '.join(FORMATS)}; leave it out,"
            " or pipe the fixture."
        )
        raise LoaddataStdinError(message)


def refuse_with_files(options: dict[str, Any]) -> None:
    """Refuse options for all objects of a load where Django writes some of them.

    Raises:
        LoaddataStdinError: there is one.
    """
    for name in _asked(options):
        message = f"{_flag(name)} is for '-' alone; leave out the files, or pipe them."
        raise LoaddataStdinError(message)


def modes(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a load that the options of a command ask for.

    Raises:
        CommandError: a name in them is unknown.
    """
    only_models, only_apps = parse_apps_and_model_labels(options["only"])
    return {
        "on_conflict": options["on_conflict"] or "update",
        "is_patch": options["patch"],
        "keys": _keys(options["key"]),
        "deletes_missing": options["delete_missing"],
        "is_validated": options["validate"],
        "is_dry_run": options["dry_run"],
        "only_models": only_models,
        "only_apps": only_apps,
    }


def _keys(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for text in texts:
        label, names = _key(text)
        if label in keys:
            message = f"--key {text}: there is one for {label} already; name all fields in it."
            raise LoaddataStdinError(message)
        keys[label] = names
    return keys


def _key(text: str) -> tuple[str, tuple[str, ...]]:
    label, has_fields, fields = text.partition("=")
    names = tuple(name.strip() for name in fields.split(","))
    if not has_fields or not all(names):
        message = f"--key {text}: write --key APP.MODEL=FIELD[,FIELD...]."
        raise LoaddataStdinError(message)
    if len({*names}) < len(names):
        message = f"--key {text}: a field is named twice."
        raise LoaddataStdinError(message)
    return label.lower(), names
