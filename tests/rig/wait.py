"""Waiting for a condition with a deadline and a reason; the only place where the tests poll."""

import time


class TimedOut(AssertionError):
    pass


def wait_until(condition, seconds, what, every=0.02):
    """Calls condition() until it is true and returns its value.

    When the time is up the exception says what was waited for and what was there instead: the last false value
    or the last exception. Exceptions of the condition count as "not yet".
    """
    began = time.monotonic()
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (OSError, ValueError, KeyError, AssertionError) as error:
            last = f"{type(error).__name__}: {error}"
        if time.monotonic() - began > seconds:
            raise TimedOut(f"not within {seconds} s: {what}; last seen: {last!r}")
        time.sleep(every)


def hold_true(condition, seconds, what, every=0.02):
    """The condition must stay true for that long."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        value = condition()
        if not value:
            raise AssertionError(f"after {time.monotonic() - began:.2f} s no longer true: {what}; seen: {value!r}")
        time.sleep(every)
