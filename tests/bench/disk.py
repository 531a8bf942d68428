"""What the disk alone takes for a durable write."""

import os
import tempfile
import time

# Written over and over, as SQLite does with its log.
LOG_BYTES = 64 << 20
PAUSE_SECONDS = 0.001


def write_and_sync(seconds, size):
    """Writes of `size` bytes, each with its fdatasync, for so long: p50 and p99 in ms."""
    block = os.urandom(size)
    took = []
    with tempfile.TemporaryFile(buffering=0) as log:
        log.write(bytes(LOG_BYTES))
        os.fsync(log.fileno())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.perf_counter()
            os.pwrite(log.fileno(), block, len(took) * size % LOG_BYTES)
            os.fdatasync(log.fileno())
            took.append(time.perf_counter() - began)
            time.sleep(PAUSE_SECONDS)
    took.sort()
    return {"p50": took[len(took) // 2] * 1000, "p99": took[len(took) * 99 // 100] * 1000}
