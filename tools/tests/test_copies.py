"""What two packages hold twice is the same: they import nothing of each other."""

from __future__ import annotations

import inspect

import dev_services.machine.masking
import ixdjango.masking


def test_both_packages_mask_secrets_in_the_same_way() -> None:
    copies = (dev_services.machine.masking, ixdjango.masking)
    for name in ("mask", "_mask_passwords"):
        ours, theirs = (inspect.getsource(getattr(copy, name)) for copy in copies)
        assert ours == theirs
    ours, theirs = ([p.pattern for p in copy._PATTERNS] for copy in copies)
    assert ours == theirs
