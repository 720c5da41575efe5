"""How any number of starters agree on who leads.

database     a connection of our own, and what is known of it
lock         who leads: an advisory lock, or a file lock
records      the table of runs and steps, written by whoever holds the lock
decision     what a starter does about the last run (a pure function)
predecessor  ends what a dead leader left running
"""

from __future__ import annotations
