"""Find or start PostgreSQL and Elasticsearch, run a command on them, stop them.

    python -m dev_services run -- python manage.py runserver
    python -m dev_services explain

The rooms; imports point upwards in this list, and never back:

    machine    accounts, files that can be trusted, processes, locks
    choose     the facts of the machine, and what they decide (a pure function)
    servers    check an address that was set; fetch, start, keep and stop servers
    plan       what a run uses; `explain` tells it, `runner` runs the command on it

Nothing here needs Django, nor a driver. Root writes nothing, by its path, in a folder of
another user: `machine.accounts` has the account that runs its servers, and
`machine.ownership` refuses files of other users, and links.
"""

from __future__ import annotations
