"""A real balancer before weir-media: who is behind it is known, and only a trusted one is believed."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish, ffmpeg_publish_for_ever, make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.haproxy import Haproxy
from weir_e2e.waiting import wait_for

# Where the balancer's own connections come from; clients come from 127.0.0.1 or ::1.
TRUSTED = "127.0.0.9"
UNTRUSTED = "127.0.0.8"


class BalancerTest(EndToEndCase):
    media_options = (f"--proxy-protocol-from={TRUSTED}",)

    def setUp(self):
        super().setUp()
        self.start_services()
        self.source = make_source(self.folder / "source.flv", seconds=3)

    def balancer(self, header: str = "", source: str = TRUSTED, host: str = "127.0.0.1") -> Haproxy:
        return self.keep(Haproxy(self.folder, self.media.rtmp_address, source, header, host))

    def test_clients_are_known_by_their_own_addresses(self):
        for header in ("send-proxy", "send-proxy-v2"):
            for host in ("127.0.0.1", "::1"):
                with self.subTest(header=header, host=host):
                    balancer = self.balancer(header, host=host)
                    user = f"{header}-{'six' if ':' in host else 'four'}"
                    publisher = self.run_process(
                        "publisher", ffmpeg_publish_for_ever(self.source, balancer.url(user, user))
                    )
                    [session] = self.wait_for_sessions(1, user_id=user)
                    self.assertEqual(session["client"]["address"], host)
                    publisher.terminate()

    def test_every_frame_arrives_through_it(self):
        balancer = self.balancer("send-proxy-v2")
        listing = self.folder / "played.framemd5"
        player = self.run_process("player", ffmpeg_play(balancer.url("it", "bob"), listing))
        self.wait_for_sessions(1, user_id="bob")
        publisher = self.run_process(
            "publisher", ffmpeg_publish(self.source, balancer.url("it", "alice"))
        )
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(self.source), parse(listing.read_text()))

    def test_nobody_else_is_believed(self):
        for header in ("send-proxy", "send-proxy-v2"):
            with self.subTest(header=header):
                liar = self.balancer(header, source=UNTRUSTED)
                self.assert_refused(liar, "unexpected_proxy_header")

    def test_a_trusted_balancer_has_to_say_who_is_behind_it(self):
        self.assert_refused(self.balancer(), "proxy_header")

    def assert_refused(self, balancer: Haproxy, kind: str) -> None:
        before = self.media.metric("weir_protocol_errors_total", kind=kind)
        publisher = self.run_process(
            "publisher", ffmpeg_publish(self.source, balancer.url("it", "mallory"))
        )
        self.assertNotEqual(publisher.wait(), 0)
        wait_for(
            "it is counted",
            lambda: self.media.metric("weir_protocol_errors_total", kind=kind) > before,
        )
        self.assertEqual(self.sessions(user_id="mallory"), [])


class IPv6Test(EndToEndCase):
    media_options = ("--rtmp-listen=[::]:0", "--insecure")

    def test_one_listener_serves_both_families(self):
        self.start_services()
        port = self.media.rtmp_port
        source = make_source(self.folder / "source.flv", seconds=1)
        self.run_process(
            "publisher", ffmpeg_publish_for_ever(source, f"rtmp://[::1]:{port}/live/it?user=alice")
        )
        [session] = self.wait_for_sessions(1, user_id="alice")
        self.assertEqual(session["client"]["address"], "::1")
        listing = self.folder / "played.framemd5"
        self.run_process(
            "player", ffmpeg_play(f"rtmp://127.0.0.1:{port}/live/it?user=bob", listing)
        )
        [session] = self.wait_for_sessions(1, user_id="bob")
        self.assertEqual(session["client"]["address"], "127.0.0.1")
        wait_for("frames are played", lambda: listing.exists() and parse(listing.read_text()))


if __name__ == "__main__":
    main()
