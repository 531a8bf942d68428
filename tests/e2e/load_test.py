"""weir-load against the real services: what it says happened is what happened."""

import json

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import make_source
from weir_e2e.services import BIN_DIR


class LoadTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()

    def load(self, *options: str, name: str = "cam{stream}", user: str = "load-{client}"):
        """Exit code and summary of a run."""
        summary = self.folder / "summary.json"
        process = self.run_process(
            "weir-load",
            [
                str(BIN_DIR / "weir-load"),
                self.media.url(name, user),
                f"--json={summary}",
                "--warm-up=200ms",
                *options,
            ],
        )
        code = process.wait()
        return code, json.loads(summary.read_text())

    def test_publishers_and_players(self):
        watch = f"--watch={self.media.pid}"
        code, summary = self.load(
            "--publishers=2", "--players=3", "--measure=2", "--duration=3s", watch
        )
        self.assertEqual(code, 0, summary)
        self.assertEqual(summary["publish_start"]["count"], 2)
        self.assertEqual(summary["first_frame"]["count"], 6)
        self.assertEqual(summary["joined_at_keyframe"], 6)
        [step] = summary["steps"]
        self.assertEqual((step["publishers"], step["players"]), (2, 6))
        self.assertGreater(step["delay"]["count"], 0)
        # Three times what was published, less what a loaded machine still holds back.
        self.assertGreater(step["bytes_received"], 2 * step["bytes_sent"])
        [watched] = step["watched"]
        self.assertGreater(watched["resident_bytes"], 1_000_000)
        self.wait_for_stream(0)
        self.wait_for_sessions(0)

    def test_a_file_instead_of_made_frames(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        code, summary = self.load(f"--file={source}", "--players=1", "--duration=1s")
        self.assertEqual(code, 0, summary)
        self.assertEqual(summary["joined_at_keyframe"], 1)
        self.assertGreater(summary["steps"][0]["delay"]["count"], 0)

    def test_connections_that_come_and_go(self):
        code, summary = self.load("--publishers=0", "--churn=20", "--idle=3", "--duration=1s")
        self.assertEqual(code, 0, summary)
        self.assertGreater(summary["steps"][0]["churned"], 0)
        self.wait_for_sessions(0)

    def test_steps_bring_players_and_send_them_away(self):
        code, summary = self.load("--steps=2:300ms,4:300ms,1:300ms")
        self.assertEqual(code, 0, summary)
        self.assertEqual([step["players"] for step in summary["steps"]], [2, 4, 1])
        self.assertEqual(summary["first_frame"]["count"], 4)

    def test_who_is_not_answered_is_counted_once(self):
        code, summary = self.load(
            "--publishers=0", "--steps=1:10ms,1:10ms,2:10ms", "--timeout=200ms"
        )
        self.assertEqual(code, 1)
        self.assertEqual(summary["unanswered"], 2)

    def test_a_refusal_is_told(self):
        code, summary = self.load("--publishers=4", "--duration=300ms", user="alice")
        self.assertEqual(code, 1)
        self.assertEqual(summary["refusals"], {"NetStream.Publish.Denied": 1})
        self.assertEqual(summary["publish_start"]["count"], 3)


if __name__ == "__main__":
    main()
