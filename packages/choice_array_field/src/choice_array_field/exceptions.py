"""What choice_array_field raises.

Nothing of its own: a value that does not fit is Django's ValidationError, and a
declaration that does not is the message of a system check.
"""

from __future__ import annotations

__all__: list[str] = []
