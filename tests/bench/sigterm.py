"""From SIGTERM to readiness off, and to the end of an instance that has nothing to do."""

import signal
import time

from moves import THIN_STREAM
from processes import is_ready, publishing, weir
from table import Table, median, number

STREAMS = 100
READINESS_MS = 100
EXIT_MS = 1_000
LIMIT_SECONDS = 20
# Between two looks; a figure can be too long by so much and by the time that a look takes.
LOOK_SECONDS = 0.001


def milliseconds_until(found):
    began = time.monotonic()
    while not found():
        if time.monotonic() > began + LIMIT_SECONDS:
            raise RuntimeError("an instance went on after SIGTERM")
        time.sleep(LOOK_SECONDS)
    return 1000 * (time.monotonic() - began)


def readiness():
    """Of an instance with streams, so that it is still there to say that it is not ready."""
    with weir() as media, publishing(media, STREAMS, *THIN_STREAM):
        media.process.send_signal(signal.SIGTERM)
        took = milliseconds_until(lambda: not is_ready(media.metrics))
        if media.process.poll() is not None:
            raise RuntimeError("the instance ended while it had streams")
        return took


def idle_exit():
    with weir() as media:
        media.process.send_signal(signal.SIGTERM)
        return milliseconds_until(lambda: media.process.poll() is not None)


def sigterm(settings):
    off = [readiness() for _ in range(settings.repeats)]
    ended = [idle_exit() for _ in range(settings.repeats)]
    table = Table("From SIGTERM on", ["", "median ms", "max ms"])
    table.add(f"to /readyz off, {STREAMS} streams", number(median(off), 1), number(max(off), 1))
    table.add("to exit, idle", number(median(ended), 1), number(max(ended), 1))
    table.goal("to readiness off", max(off), READINESS_MS, " ms")
    table.goal("to exit when idle", max(ended), EXIT_MS, " ms")
    table.notes.append("/readyz is asked over a new connection each time, as a kubelet does.")
    return [table]


FIGURES = {"sigterm": sigterm}
