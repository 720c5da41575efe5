"""Run test functions on any Python, also on those without a test framework."""

import sys


def main(names):
    """Run the tests of the named modules; print a line for each, and a last one."""
    passed = failed = 0
    for name in names:
        module = __import__(name)
        for test in sorted(dir(module)):
            if not test.startswith("test_"):
                continue
            try:
                getattr(module, test)()
                passed += 1
            except Exception as error:
                failed += 1
                print("FAILED %s.%s" % (name, test))
                if hasattr(sys, "print_exception"):
                    sys.print_exception(error)
                else:
                    import traceback

                    traceback.print_exception(error)
    print("%d passed, %d failed" % (passed, failed))


def raises(kind, call, *arguments):
    """Return the exception that the call raises; fail if it is of another kind."""
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError("nothing was raised")
