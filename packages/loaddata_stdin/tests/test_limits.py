from __future__ import annotations

import pytest

from loaddata_stdin.limits import size


@pytest.mark.parametrize(
    ("text", "expected"),
    [("500", 500), ("64K", 65_536), ("4m", 4 * 1024**2), ("1G", 1024**3)],
)
def test_a_size_may_have_a_unit(text, expected):
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5M", "4MB", "M", "٣", "1" * 16])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is no size such as"):
        size(text)
