"""The static check: judge views without importing their modules.

modules   find a module as the import system would, and read it; the cache by mtime
facts     what a module's source says: names, classes, the lazy URLs in it
statements  which part of a source has to be parsed for that
classes   what a class has, with all its bases
verdicts  what is wrong with a lazy view
survey    collect the lazy views of a URLconf and judge them

Whatever the source does not decide is unknown, and unknown is not an error.
"""

from __future__ import annotations

from .survey import survey_urlconf
from .verdicts import Problem

__all__ = ["Problem", "survey_urlconf"]
