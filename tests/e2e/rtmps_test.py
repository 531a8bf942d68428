"""ffmpeg publishes under TLS, and plays under TLS and in the clear: every frame arrives."""

import subprocess

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish, make_source
from weir_e2e.frames import assert_all, frames_of, parse
from weir_e2e.waiting import wait_for


class RtmpsTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
            + ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
            timeout=30,
        )
        self.media_options = (
            "--rtmps-listen=127.0.0.1:0",
            f"--tls-certificate={certificate}",
            f"--tls-key={key}",
        )
        self.start_services()
        self.source = make_source(self.folder / "source.flv", seconds=3)
        self.listing = self.folder / "played.framemd5"

    def secure_url(self, name: str, user: str) -> str:
        return f"rtmps://{self.media.listener('rtmps')}/live/{name}?user={user}"

    def assert_arrives(self, publish_url: str, play_url: str) -> None:
        player = self.run_process("player", ffmpeg_play(play_url, self.listing))
        self.wait_for_sessions(1, user_id="bob")
        publisher = self.run_process("publisher", ffmpeg_publish(self.source, publish_url))
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(self.source), parse(self.listing.read_text()))

    def test_every_frame_arrives_under_tls(self):
        self.assert_arrives(self.secure_url("safe", "alice"), self.secure_url("safe", "bob"))

    def test_what_is_published_under_tls_is_played_in_the_clear(self):
        self.assert_arrives(self.secure_url("mixed", "alice"), self.media.url("mixed", "bob"))

    def test_plain_rtmp_on_the_tls_port_is_closed(self):
        host_and_port = self.media.listener("rtmps")
        publisher = self.run_process(
            "publisher", ffmpeg_publish(self.source, f"rtmp://{host_and_port}/live/wrong")
        )
        self.assertNotEqual(publisher.wait(), 0)
        wait_for(
            "the connection is gone",
            lambda: self.media.metric("weir_rtmp_connections") == 0,
        )


if __name__ == "__main__":
    main()
