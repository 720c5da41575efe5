from __future__ import annotations

import random

import pytest

from ixdjango.random_strings import ALPHANUMERIC, random_string


def test_the_length_and_the_characters_are_as_asked_for():
    assert set(random_string(500, "ab")) == {"a", "b"}
    assert len(random_string()) == 10
    assert set(random_string(2000)) == set(ALPHANUMERIC)
    assert random_string(0) == ""


def test_a_seed_does_not_make_it_predictable():
    random.seed(1)
    first = random_string(20)
    random.seed(1)

    assert random_string(20) != first


@pytest.mark.parametrize(("length", "chars"), [(-1, "ab"), (1, "")])
def test_what_cannot_be_made_is_an_error(length, chars):
    with pytest.raises(ValueError, match="cannot be made"):
        random_string(length, chars)
