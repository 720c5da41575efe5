"""Keep secrets out of messages. `mask` has a copy in `dev_services`."""

from __future__ import annotations

import re
import subprocess
from pathlib import PurePath

__all__ = ["describe_error", "mask"]

# Whoever sends a request or makes a server fail may choose much of a text, so no pattern
# takes time that grows with its square: a word is looked into once, lengths are bounded.
_KEY = (
    r"(?:(?:password|passwd|passphrase|secret|token|credential)[\w-]{0,64}"
    r"|(?<![^\W_])(?:pass|pwd|auth|authorization|(?:api|access|private)[_-]?key))"
)
# A message that a variable is not set names the variable, not its value.
_UNSET = r"(?!\w+ is (?:unset|not set)\b)"
_VALUE = (
    r"(?:[bu]?\"(?:[^\"\\]|\\.)*\"|[bu]?'(?:[^'\\]|\\.)*'"
    r"|(?:(?:ApiKey|Basic|Bearer|Digest|Token)\s+)?[^&\s\"',;)\]}]+)"
)
_USER = re.compile(r"/[^:/?#\s@]*:")
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Without an @, either a port or a secret follows the colon.
        r"(?P<head>:/+[^:/?#\s@\[]*:)(?!\d{1,5}(?:[^\w%]|$))(?!\*\*\*@)[^\s\"']+",
        # user:password@host without the slashes.
        r"(?P<head>(?<![^\s\"'(=])[^\s:@\"'(=/]+:)(?!/)[^\s@\"']{1,1000}(?=@)",
        # --token VALUE, and '--token', 'VALUE' of a list.
        rf"(?P<head>(?<![\w-])-[\w-]*{_KEY}[\"']?,?\s+){_VALUE}",
        # key=VALUE, key: VALUE, 'key': 'VALUE'.
        rf"(?P<head>{_KEY}[\"']?\s*[=:]\s*){_UNSET}{_VALUE}",
    )
)


def mask(text: str) -> str:
    """Return `text` with *** for the passwords of its URLs and of its named values.

    A named value is that of a key such as `password`, `sslpassword`, `api_key` or
    `--token`. In doubt it hides too much.
    """
    text = "\n".join(map(_mask_passwords, text.split("\n")))
    for pattern in _PATTERNS:
        text = pattern.sub(r"\g<head>***", text)
    return text


def _mask_passwords(line: str) -> str:
    # A password that is not percent-encoded may hold spaces, slashes and more than one
    # @: hide everything up to the last @ of the line.
    before, at, host = line.rpartition("@")
    user = _USER.search(before)
    is_there = user is not None and user.end() < len(before)
    return f"{before[: user.end()]}***{at}{host}" if user and is_there else line


def describe_error(error: BaseException) -> str:
    """Return the message of `error` in one line, without secrets.

    The arguments of a program that failed are left out: any of them may be a secret.
    """
    if isinstance(error, subprocess.CalledProcessError):
        return f"{_program(error.cmd)} ended with {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"{_program(error.cmd)} did not end within {error.timeout:g} s"
    return " ".join(mask(str(error)).split())


def _program(command: object) -> str:
    # A string is a line for a shell: its first word, unless that sets a variable.
    words = command.split() if isinstance(command, (str, bytes)) else command
    first = words[0] if isinstance(words, (list, tuple)) and words else command
    if isinstance(first, bytes):
        first = first.decode(errors="replace")
    name = PurePath(str(first)).name
    return "a program" if "=" in name or " " in name or not name else name
