from __future__ import annotations

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
