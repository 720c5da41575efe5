"""`python -m ixdjango COMMAND`: manage.py for the settings of the environment."""

from __future__ import annotations

import sys

from ixdjango.entry import main

if __name__ == "__main__":
    main(arguments=["python -m ixdjango", *sys.argv[1:]])
