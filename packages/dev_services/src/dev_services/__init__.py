"""Find or start PostgreSQL, Elasticsearch and Redis, run a command on them, stop them.

    python -m dev_services run -- python manage.py runserver
    python -m dev_services explain
    python -m dev_services render compose

The rooms; imports point upwards in this list, and never back:

    environment    the addresses that are set
    machine        accounts, files that can be trusted, processes, locks, masking
    choose         the facts of the machine, and what they decide (a pure function)
    declare        the file of a project; rendered for containers and CI
    servers        check an address that is set; fetch, start, keep and stop servers
    plan           what a run is about
    provide        each service by its three ways: choose, report, provide
    explain        reports as a table or JSON
    runner         runs the command and relays signals; `__main__` is the command line

Nothing here needs Django, nor a driver. Root writes nothing, by its path, in a folder of
another user: `machine.accounts` has the account that runs its servers, and
`machine.ownership` refuses files of other users, and links.
"""

from __future__ import annotations
