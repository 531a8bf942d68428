"""SIGTERM while media flows: all ends in order, and control hears of it."""

import signal

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish_for_ever, make_source
from weir_e2e.waiting import wait_for


class ShutdownTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.media.url("show", "alice")
        self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        self.wait_for_stream()
        for number in range(2):
            self.run_process(
                f"player {number}", ffmpeg_play(url, self.folder / f"frames-{number}")
            )
        wait_for("two players", lambda: self.media.metric("weir_players") == 2)
        wait_for("frames flow", lambda: self.media.metric("weir_egress_bytes_total") > 100_000)

    def test_media_ends_cleanly_with_publisher_and_players_attached(self):
        self.assertEqual(self.media.terminate(), 0)
        self.assertEqual(len(self.media.events("process.stopped")), 1)
        self.assertEqual(self.media.events("process.reports_lost"), [])

    def test_control_may_be_gone_by_then(self):
        self.control.kill()
        self.media.signal(signal.SIGINT)
        self.assertEqual(self.media.wait(), 0)


if __name__ == "__main__":
    main()
