from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import SubstitutionError
from loaddata_stdin.substitute import Substitution

ENVIRON = {"NAME": "value", "EMPTY": "", "QUOTE": "'\"\n- {}", "NESTED": "${NAME}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${NAME}", "value"),
        ("a${NAME}b${NAME}", "avaluebvalue"),
        ("${EMPTY}", ""),
        ("${EMPTY:-default}", "default"),
        ("${UNSET:-default}", "default"),
        ("${UNSET:-${NAME}}", "${NAME}"),
        ("${NAME:-${NAME}}", "value}"),
        ("${UNSET:-}", ""),
        ("${NAME:-default}", "value"),
        ("${NAME:?needed}", "value"),
        ("${QUOTE}", "'\"\n- {}"),
        ("${NESTED}", "${NAME}"),
        ("$${NAME}", "${NAME}"),
        ("$$", "$"),
        ("$5 and $NAME", "$5 and $NAME"),
        ("", ""),
    ],
)
def test_references_are_replaced_as_a_shell_does(text, expected):
    assert Substitution(ENVIRON)(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${UNSET}", "UNSET is unset: set it."),
        ("${UNSET:?ask the shop}", "UNSET is unset: ask the shop."),
        ("${EMPTY:?ask the shop}", "EMPTY is empty: ask the shop."),
        ("${}", "'${' begins no ${NAME}; write '$${' for the characters."),
        ("${1A}", "'${' begins no ${NAME}; write '$${' for the characters."),
        ("${NAME", "'${' begins no ${NAME}; write '$${' for the characters."),
    ],
)
def test_a_variable_without_a_value_is_refused(text, message):
    with pytest.raises(SubstitutionError) as caught:
        Substitution(ENVIRON)(text)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b" s3\ncret \n\n", " s3\ncret "),
        ("ü".encode(), "ü"),
        (b"\n", ""),
        (b"", ""),
    ],
)
def test_a_file_is_its_text_without_the_line_ends_behind(tmp_path, content, expected):
    file = tmp_path / "secret: (1)"
    file.write_bytes(content)

    assert Substitution({})(f"a${{file:{file}}}b") == f"a{expected}b"
    assert Substitution({})(f"${{file:{file}:-default}}") == (expected or "default")
    assert Substitution({})(f"${{file:{file}-no:-default}}") == "default"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", " is missing: create it."),
        ("missing:?run make secrets", " is missing: run make secrets."),
        ("empty:?run make secrets", " is empty: run make secrets."),
        ("empty/below", " is missing: create it."),
        (".", " cannot be read: Is a directory."),
        ("nul\0", " cannot be read: embedded null byte."),
        ("large", " is larger than 1048576 bytes; name a smaller file."),
        ("latin", " is no UTF-8; convert the file to it."),
    ],
)
def test_a_file_without_a_text_is_refused(tmp_path, name, message):
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"a" * (1024 * 1024 + 1))
    (tmp_path / "latin").write_bytes(b"\xfc")

    with pytest.raises(SubstitutionError) as caught:
        Substitution({})(f"${{file:{tmp_path}/{name}}}")

    assert str(caught.value).endswith(message)


@pytest.mark.parametrize("made", ["fifo", "device"])
def test_what_may_never_end_is_refused_at_once(tmp_path, made):
    name = "/dev/zero" if made == "device" else str(tmp_path / "fifo")
    if made == "fifo":
        os.mkfifo(name)

    with pytest.raises(SubstitutionError) as caught:
        Substitution({})(f"${{file:{name}}}")

    assert str(caught.value) == f"{name} is not a regular file; name one."


@pytest.mark.parametrize(
    ("allowed", "reference", "is_allowed"),
    [
        pytest.param(["NAME"], "NAME", True, id="name"),
        pytest.param(["NAME"], "NAME2", False, id="longer name"),
        pytest.param(["NAME"], "name", False, id="other case"),
        pytest.param(["SHOP_*"], "SHOP_KEY", True, id="pattern"),
        pytest.param(["SHOP_*"], "DATABASE_URL", False, id="other name"),
        pytest.param(["*"], "file:{folder}/in/secret", False, id="names are no files"),
        pytest.param(["file:{folder}/in"], "NAME", False, id="files are no names"),
        pytest.param(["file:{folder}/in"], "file:{folder}/in/secret", True, id="file"),
        pytest.param(
            ["file:{folder}/in/"], "file:{folder}/in/secret", True, id="slash"
        ),
        pytest.param(["file:{folder}/in"], "file:{folder}/inner", False, id="sibling"),
        pytest.param(
            ["file:{folder}/in"], "file:{folder}/in/../inner", False, id="dots"
        ),
        pytest.param(["file:{folder}/in"], "file:{folder}/in/link", False, id="link"),
        pytest.param(["file:{folder}/link"], "file:{folder}/in/secret", True, id="to"),
        pytest.param(["NAME", "file:{folder}"], "file:{folder}/inner", True, id="both"),
        pytest.param([], "NAME", False, id="nothing"),
    ],
)
def test_only_what_is_allowed_is_replaced(tmp_path, allowed, reference, is_allowed):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "secret").write_text("value")
    (tmp_path / "inner").write_text("value")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "inner")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    names = ["NAME", "NAME2", "name", "SHOP_KEY", "DATABASE_URL"]
    allowed = [each.format(folder=tmp_path) for each in allowed]
    reference = reference.format(folder=tmp_path)
    substitution = Substitution(dict.fromkeys(names, "value"), allowed)

    if is_allowed:
        assert substitution(f"${{{reference}}}") == "value"
    else:
        with pytest.raises(SubstitutionError) as caught:
            substitution(f"${{{reference}:-default}}")
        assert str(caught.value) == (
            f"{reference} is not allowed, only {', '.join(allowed)};"
            " allow it with --env-allow, or take the reference out."
        )
        assert not substitution.used


@pytest.mark.parametrize(
    "allowed", ["", "A B", "1", "${NAME}", "/run/secrets", "file:"]
)
def test_what_may_be_allowed_is_a_name_or_a_folder(allowed):
    with pytest.raises(ValueError, match="is neither the name of a variable"):
        Substitution({}, [allowed])


def test_a_file_is_read_once(tmp_path):
    file = tmp_path / "secret"
    file.write_text("first")
    substitution = Substitution({})
    text = f"${{file:{file}}}"
    substitution(text)
    file.write_text("second")

    assert substitution(text) == "first"
    assert substitution.used == {"first"}


def test_a_variable_may_be_called_file():
    assert Substitution({})("${file:-default}") == "default"
    assert Substitution({"file": "value"})("${file}${file:?demand}") == "valuevalue"


def test_a_value_is_masked_where_it_is_quoted_too():
    secret = "a'\n\\b"
    substitution = Substitution({"A": secret})
    substitution("${A}")

    assert substitution.masked(f"{secret} {secret!r}") == '*** "***"'


def test_only_strings_change_and_keys_stay():
    value = {"${NAME}": ["${NAME}", 1, None, {"a": "${NAME}"}], "b": True}

    assert Substitution(ENVIRON)(value) == {
        "${NAME}": ["value", 1, None, {"a": "value"}],
        "b": True,
    }


def test_what_came_from_the_environment_is_masked_the_longest_first():
    substitution = Substitution({"A": "s3cret", "B": "s3cret-two", "C": "unused"})
    substitution(["${A}", "${B}", "${D:-default}"])

    assert (
        substitution.masked("s3cret-two s3cret default unused")
        == "*** *** default unused"
    )


@given(st.text())
def test_text_with_its_dollars_doubled_arrives_as_it_was(text):
    assert Substitution({})(text.replace("$", "$$")) == text
