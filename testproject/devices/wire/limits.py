"""What a device may do, and the codes with which it is sent away if it does more."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

__all__ = ["BURST", "MAX_FRAME_BYTES", "RATE_PER_S", "Bucket", "CloseCode", "Refusal"]

MAX_FRAME_BYTES = 8192
RATE_PER_S = 20  # Messages that a device may send for ever.
BURST = 100  # Messages that it may send at once, for example after an outage.


class CloseCode(enum.IntEnum):
    """Why a connection was closed: WebSocket's close code, Socket.IO's `code`.

    All that we send are from the range for applications: Daphne sends no others.
    """

    SERVER_LIMIT = 1009  # The server's own: RFC 6455, section 7.4.1.
    MALFORMED = 4400
    UNKNOWN_TOKEN = 4401
    EXPIRED_TOKEN = 4402
    REVOKED_TOKEN = 4403
    OTHER_DEVICE = 4406
    TOO_SLOW = 4408
    REPLACED = 4409
    TOO_LARGE = 4413
    FLOOD = 4429
    TRY_AGAIN = 4503


class Refusal(Exception):
    """A device has to go: the code and the reason, in a few words."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass
class Bucket:
    """A token bucket; the caller brings the clock."""

    rate_per_s: float = RATE_PER_S
    burst: float = BURST
    level: float = field(default=BURST, init=False)
    _taken_at_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self.level = self.burst

    def take(self, now_s: float) -> bool:
        """Take one message out; return False if there is none left."""
        grown = max(now_s - self._taken_at_s, 0) * self.rate_per_s
        self.level = min(self.level + grown, self.burst)
        self._taken_at_s = now_s
        if self.level < 1:
            return False
        self.level -= 1
        return True
