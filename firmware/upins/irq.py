"""Sections of code that no interrupt may break into."""

try:
    from machine import disable_irq, enable_irq
except ImportError:  # A computer.
    from upins.fake import disable_irq, enable_irq


class Section:
    """A section without interrupts; sections may be nested."""

    def __enter__(self) -> "Section":
        self._state = disable_irq()
        return self

    def __exit__(self, *error) -> None:
        enable_irq(self._state)


def irq_disabled(function=None):
    """Disable interrupts for a section of code: a with statement or a function.

    `with irq_disabled():`, or `@irq_disabled` above the function.

    They are as they were before at the end, also after an exception.
    """
    if function is None:
        return Section()

    def guarded(*arguments, **options):
        state = disable_irq()
        try:
            return function(*arguments, **options)
        finally:
            enable_irq(state)

    return guarded
