"""Turn Redmine's JSON into tidy frames: tables, and the history of each field."""

from __future__ import annotations

from redmine_analytics.frames.build import Frames, build_frames
from redmine_analytics.frames.history import intervals

__all__ = ["Frames", "build_frames", "intervals"]
