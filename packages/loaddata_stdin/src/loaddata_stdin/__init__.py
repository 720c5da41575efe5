"""manage.py loaddata from standard input, without --format.

The rooms, in the order in which an object passes them; imports point upwards in this
list, and never back:

    read          from bytes to objects: compression, encoding, format
    model         what a model lets us do: fields, natural keys, whether bulk is as good
    problems      what is wrong with objects: collected, explained, without secrets
    encode        from an object to a row of a staging table
    stage         staging tables, and how rows come into them
    resolve       primary keys and references of the staged objects
    write         the statements that make the models' tables hold what is staged
    bulk          the staging tables of a load, and the order of all that
    one_by_one    objects that Django has to save
    finish        rows to delete, rows to validate
    loader, load  an object is led to bulk or saved; `load` is the door for Python
    command       what the commands `loaddata` and `dumpdata` add to Django's

The columns of a staging table whose names begin with # are ours; `stage.objects` and
`resolve.many_to_many` name them.
"""

from __future__ import annotations

from loaddata_stdin.exceptions import LoaddataStdinError
from loaddata_stdin.limits import Limits
from loaddata_stdin.load import load
from loaddata_stdin.options import Options
from loaddata_stdin.report import Report
from loaddata_stdin.substitute import Substitution

__all__ = [
    "Limits",
    "LoaddataStdinError",
    "Options",
    "Report",
    "Substitution",
    "load",
]
