"""Leave with one line where this Python cannot make the virtual environment.

Runs before anything is installed and on interpreters that are too old: plain syntax.
"""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "Python 3.10 or later is needed, %s is %s; install python3.11 (Debian: apt-get"
        " install python3.11 python3.11-venv) and say make PYTHON=python3.11"
        % (sys.executable, sys.version.split()[0])
    )
try:
    import ensurepip  # noqa: F401 - Debian ships venv without it
except ImportError:
    sys.exit(
        "%s has no ensurepip, which virtual environments need; Debian: apt-get install"
        " python3-venv" % sys.executable
    )
