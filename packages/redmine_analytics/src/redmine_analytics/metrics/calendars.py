"""Working calendars: which days count, in which time zone a day begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

__all__ = ["EVERY_DAY", "WorkCalendar"]

_EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class WorkCalendar:
    """The days on which work is done.

    A working day counts as a whole, from midnight to midnight of its wall clock: an issue
    that is started on Friday at noon and finished on Monday at noon took one day.

    Args:
        weekmask: seven times 0 or 1, from Monday to Sunday.
        holidays: days on which nobody works.
        time_zone: in which a day begins, such as `Europe/Berlin`.

    Example:
        >>> calendar = WorkCalendar("1111100", ["2026-12-25"], "Europe/Berlin")
        >>> friday, monday = "2026-12-18T12:00+01:00", "2026-12-28T12:00+01:00"
        >>> calendar.days(
        ...     pd.Series([pd.Timestamp(friday)]), pd.Series([pd.Timestamp(monday)])
        ... )[0]
        5.0
    """

    weekmask: str = "1111111"
    holidays: Iterable[str | date] = ()
    time_zone: str = "UTC"
    _calendar: np.busdaycalendar = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = [np.datetime64(day, "D") for day in self.holidays]
        calendar = np.busdaycalendar(weekmask=self.weekmask, holidays=days)
        object.__setattr__(self, "_calendar", calendar)
        pd.Timestamp(0, tz=self.time_zone)  # an unknown time zone is told now

    def local(self, times: pd.Series) -> pd.Series:
        """Return the wall clock of times, without a time zone."""
        aware = pd.to_datetime(times, utc=True)
        return aware.dt.tz_convert(self.time_zone).dt.tz_localize(None)

    def days(self, start: pd.Series, end: pd.Series) -> pd.Series:
        """Return the working days between two series of times; NaN without both."""
        known = start.notna() & end.notna()
        found = pd.Series(np.nan, index=start.index, dtype="float64")
        found[known] = self._position(end[known]) - self._position(start[known])
        return found

    def _position(self, times: pd.Series) -> np.ndarray:
        """Return the working days since the epoch, with the part of a working day."""
        local = self.local(times)
        days = local.to_numpy(dtype="datetime64[ns]").astype("datetime64[D]")
        whole = np.busday_count(_EPOCH, days, busdaycal=self._calendar)
        part = (local - local.dt.normalize()) / pd.Timedelta(days=1)
        is_working = np.is_busday(days, busdaycal=self._calendar)
        return np.asarray(whole + part.to_numpy(dtype="float64") * is_working)

    def is_working(self, days: pd.DatetimeIndex) -> np.ndarray:
        """Return for each day whether it is a working day."""
        values = days.tz_localize(None).to_numpy().astype("datetime64[D]")
        return np.asarray(np.is_busday(values, busdaycal=self._calendar))

    def add_days(self, day: date, count: int) -> date:
        """Return the working day that is `count` working days after a day."""
        found = np.busday_offset(
            np.datetime64(day, "D"), count, roll="backward", busdaycal=self._calendar
        )
        return date.fromisoformat(str(found))

    def day_ends(self, first: date, last: date) -> pd.DatetimeIndex:
        """Return the midnight after each day, as times with the time zone."""
        after = pd.Timedelta(days=1)
        return pd.date_range(
            pd.Timestamp(first) + after, pd.Timestamp(last) + after, freq="D"
        ).tz_localize(self.time_zone, ambiguous=True, nonexistent="shift_forward")


EVERY_DAY = WorkCalendar()
