"""Waiting for conditions, never for time to pass."""

import time
from typing import Callable, TypeVar

T = TypeVar("T")

LIMIT_SECONDS = 30.0
_POLL_SECONDS = 0.02


def wait_for(what: str, condition: Callable[[], T], limit: float = LIMIT_SECONDS) -> T:
    """Returns the first truthy result of `condition`; fails with `what` after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        time.sleep(_POLL_SECONDS)
