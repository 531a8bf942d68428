"""How many writes Weir makes for what it sends."""

import threading
import time

# Several times as long as frames are ever collected.
PERIOD = 1
# Of the rate that is looked for: it comes in bursts.
TOLERANCE = 0.3


class EgressSampler:
    """Reads Weir's counters each second while the block lasts; does nothing for other servers."""

    def __init__(self, server):
        self._server = server
        self._samples = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._position = 0

    def __enter__(self):
        if self._server.metrics:
            self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        if self._server.metrics:
            self._thread.join()

    def _run(self):
        while not self._ended.wait(PERIOD):
            self._samples.append((time.monotonic(), self._server.metric("weir_egress_bytes_total"),
                                  self._server.metric("weir_egress_writes_total")))

    def writes_a_second_at(self, bytes_a_second):
        """While about so much was sent, after the time of the last call; None if that never was."""
        periods = list(zip(self._samples, self._samples[1:]))

        def matches(index):
            (began, before, _), (ended, after, _) = periods[index]
            rate = (after - before) / (ended - began)
            return abs(rate - bytes_a_second) < TOLERANCE * bytes_a_second

        first = self._position
        while first < len(periods) and not matches(first):
            first += 1
        last = first
        while last < len(periods) and matches(last):
            last += 1
        # The edges belong to what comes and goes.
        first, last = first + 1, last - 1
        if last <= first:
            return None
        self._position = last
        (began, _, before), (ended, _, after) = self._samples[first], self._samples[last]
        return (after - before) / (ended - began)
