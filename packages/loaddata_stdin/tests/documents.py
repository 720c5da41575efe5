"""Random fixtures."""

from __future__ import annotations

from hypothesis import strategies as st

TEXTS = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=3,
)
OBJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "model": st.text(min_size=1, max_size=8),
            "pk": SCALARS,
            "fields": st.dictionaries(TEXTS, VALUES, max_size=3),
        }
    ),
    max_size=3,
)
