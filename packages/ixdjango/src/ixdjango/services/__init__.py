"""Find or start PostgreSQL and Elasticsearch, run a command on them, stop them.

    python -m ixdjango.services run -- python manage.py runserver
    python -m ixdjango.services explain

The stages, each a module: `facts` looks at the machine, `choice` decides (a pure
function), `check` tries an address that was set, `postgresql` and `elasticsearch`
start servers, `keeper` holds them until the command has ended, `runner` runs it.
Nothing here needs Django, nor a driver.
"""

from __future__ import annotations
