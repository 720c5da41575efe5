"""A deploy: the steps of the settings, run once for any number of containers.

In the order in which a deploy passes through them; imports point upwards:

    steps        Step, and the forms of the original's setting
    plan         the configured steps, chosen by the options and looked at beforehand
    preflight    checks before the first step; `preview` is what --dry-run shows
    agreement    who leads, and what the last run left: lock, records, decision
    sessions     timeouts and names of Django's connections; cancels their queries
    guard        pings through the lock's connection, and hears signals
    execution    one step; `output` captures what it writes
    run          the leader's way and the follower's; `signals` tells of a failure
    report       the summary, and JSON by `report.schema.json`
"""

from __future__ import annotations
