"""What both protocols have in common: limits, readings, answers, going away."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from django.utils import timezone

from devices.wire.frames import Frame
from devices.wire.limits import Bucket, CloseCode, Refusal
from devices.workers import registry
from devices.workers.hub import Command, Hub, call_database
from devices.workers.registry import Identity

__all__ = ["Session", "let_in", "log_refusal"]

logger = logging.getLogger("devices")
# A second connection is how devices come back, and a restart is ours.
_EXPECTED = {CloseCode.REPLACED, CloseCode.TRY_AGAIN}


def log_refusal(who: str, refusal: Refusal) -> None:
    """Log that somebody was sent away."""
    level = logging.INFO if refusal.code in _EXPECTED else logging.WARNING
    logger.log(level, "%s: closed with %d: %s", who, refusal.code, refusal.reason)


async def let_in(token: str) -> Identity:
    """Return the identity of a token.

    Raises:
        Refusal: the token is not valid, or the database does not answer.
    """
    try:
        return await call_database(registry.authenticate, token, thread="strangers")
    except Refusal:
        raise
    except Exception as error:
        text = (str(error).splitlines() or [type(error).__name__])[0]
        logger.error("a token could not be looked up: %s", text)
        reason = "the server is not ready"
        raise Refusal(CloseCode.TRY_AGAIN, reason) from error


class Session:
    """A device that was let in; the protocols add how to send and how to close."""

    def __init__(self, hub: Hub, identity: Identity) -> None:
        self.hub = hub
        self.identity = identity
        self._bucket = Bucket()
        self._is_refused = False

    async def send_command(self, command: Command) -> None:
        """Send a command to the device."""
        raise NotImplementedError

    async def close(self, refusal: Refusal) -> None:
        """Close the connection."""
        raise NotImplementedError

    async def refuse(self, refusal: Refusal) -> None:
        """Send the device away, and log it, once."""
        if not self._is_refused:
            self._is_refused = True
            log_refusal(self.identity.slug, refusal)
            await self.close(refusal)

    def count_message(self) -> None:
        """Count one message.

        Raises:
            Refusal: there were too many.
        """
        if self._is_refused:
            raise Refusal(CloseCode.FLOOD, "it was sent away")
        if not self._bucket.take(time.monotonic()):
            raise Refusal(CloseCode.FLOOD, "too many messages")

    async def take(self, frame: Frame) -> asyncio.Future[None] | None:
        """Keep what a frame holds; return a future that ends once it is stored."""
        identity = self.identity
        if frame.answers:
            await self.take_answers(frame.answers)
        if not frame.readings:
            return None
        row = (identity.pk, identity.slug, timezone.now(), frame.readings)
        return await self.hub.batches.add(row)

    async def take_answers(self, answers: dict[str, Any]) -> None:
        """Keep the device's answers, and show them."""
        state = await call_database(registry.save_answers, self.identity, answers)
        message = {"type": "answer", "device": self.identity.slug}
        await self.hub.tell({"show": {**message, "answer": answers, "state": state}})
