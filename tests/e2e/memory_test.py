"""Memory that streams held goes back to the system when they end."""

import json
import unittest

from weir_e2e.abuse import MIB, AbuseCase
from weir_e2e.case import main
from weir_e2e.process import Process
from weir_e2e.services import BIN_DIR, under_sanitizer


@unittest.skipIf(under_sanitizer(), "the allocator is the sanitizer's")
class MemoryTest(AbuseCase):
    def load(self, name: str, *options: str) -> Process:
        url = self.media.url(name + "{stream}", name + "-{client}")
        return self.run_process("weir-load", [str(BIN_DIR / "weir-load"), url, *options])

    def test_small_frames_leave_nothing_behind(self):
        """Also where frames of other streams, which go on, lie between them."""
        lasting = self.load("lasting", "--publishers=20", "--bitrate=200", "--duration=5m")
        self.wait_for_stream(20)
        summary = self.folder / "summary.json"
        # Frames of 2.5 KB each; none is trimmed while its stream lasts.
        burst = self.load(
            "burst",
            "--publishers=10",
            "--bitrate=10000",
            "--fps=500",
            "--keyframe-interval=1m",
            "--duration=8s",
            f"--json={summary}",
            f"--watch={self.media.pid}",
        )
        self.assertEqual(burst.wait(), 0)
        [step] = json.loads(summary.read_text())["steps"]
        self.assertGreater(step["watched"][0]["resident_bytes"], self.before + 48 * MIB)
        self.assert_memory_back()
        lasting.terminate()
        self.assert_recovered()


if __name__ == "__main__":
    main()
