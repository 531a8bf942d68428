"""No stream key, token or query string in any line of any log, at any level."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish, make_source
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for

KEY = "hush-this-key-0123456789abcdef"


class LogSecrecyTest(EndToEndCase):
    control_options = ("--log-level=debug",)
    media_options = ("--log-level=debug",)

    def setUp(self):
        super().setUp()
        self.start_services()

    def assert_secret(self) -> None:
        for service in (self.control, self.media):
            for line in [*service.stdout_lines, *service.stderr_lines]:
                self.assertNotIn(KEY, line)
                self.assertNotIn("user=", line)

    def test_a_whole_life_tells_nothing(self):
        source = make_source(self.folder / "source.flv", seconds=1)
        url = self.media.url("quiet", "alice") + f"&token={KEY}&key={KEY}"
        publisher = self.run_process("publisher", ffmpeg_publish(source, url))
        self.assertEqual(publisher.wait(), 0)
        self.wait_for_sessions(0, user_id="alice")
        self.assert_secret()

    def test_neither_does_a_refusal(self):
        name = f"quiet?user=alice&token={KEY}"
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect(f"live?token={KEY}", tc_url=f"rtmp://x/live?token={KEY}")
            client.publish(client.create_stream(), f"../{name}")
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect(f"live/../x?token={KEY}", wait=False)
        wait_for("all are gone", lambda: self.media.metric("weir_rtmp_connections") == 0)
        self.assert_secret()

    def test_every_line_is_an_event(self):
        for service in (self.control, self.media):
            self.assertTrue(service.events("listener.opened"))
            for event in service.events():
                for member in ("time", "level", "msg", "event", "service", "version", "source"):
                    self.assertIn(member, event)


if __name__ == "__main__":
    main()
