"""What Prometheus reads from both services while a stream runs."""

import subprocess

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import ffmpeg_play, ffmpeg_publish_for_ever, make_source
from weir_e2e.waiting import wait_for


class MetricsTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        source = make_source(self.folder / "source.flv", seconds=2)
        self.run_process(
            "publisher", ffmpeg_publish_for_ever(source, self.media.url("m", "alice"))
        )
        self.run_process(
            "player",
            ffmpeg_play(self.media.url("m", "bob"), self.folder / "played.framemd5"),
        )
        wait_for(
            "a player is served", lambda: self.media.metric("weir_egress_bytes_total") > 10_000
        )

    def test_promtool_finds_nothing_to_say(self):
        for service in (self.control, self.media):
            with self.subTest(service.name):
                status, text = service.get("/metrics")
                self.assertEqual(status, 200)
                checked = subprocess.run(
                    ["promtool", "check", "metrics"],
                    input=text,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                self.assertEqual((checked.returncode, checked.stderr), (0, ""))

    def test_the_stream_shows(self):
        for name, labels, least in (
            ("weir_streams", {}, 1),
            ("weir_players", {"protocol": "rtmp"}, 1),
            ("weir_rtmp_connections", {}, 2),
            ("weir_rtmp_handshakes_total", {}, 2),
            ("weir_ingress_bytes_total", {}, 10_000),
            ("weir_frames_total", {"kind": "video"}, 1),
            ("weir_frames_total", {"kind": "audio"}, 1),
            ("weir_control_connected", {}, 1),
            ("weir_build_info", {"service": "weir-media"}, 1),
            ("process_cpu_seconds_total", {}, 0),
        ):
            with self.subTest(name, **labels):
                self.assertGreaterEqual(self.media.metric(name, **labels), least)
        for name, labels, least in (
            ("weir_sessions", {"kind": "publish"}, 1),
            ("weir_sessions", {"kind": "play"}, 1),
            ("weir_session_admissions_total", {"kind": "publish"}, 1),
            ("grpc_server_started_total", {"grpc_method": "AdmitSession"}, 2),
            ("grpc_server_handled_total", {"grpc_method": "AdmitSession", "grpc_code": "OK"}, 2),
            ("grpc_server_handling_seconds_count", {"grpc_method": "AdmitSession"}, 2),
            ("weir_build_info", {"service": "weir-control"}, 1),
        ):
            with self.subTest(name, **labels):
                self.assertGreaterEqual(self.control.metric(name, **labels), least)

    def test_probes_answer(self):
        for service in (self.control, self.media):
            self.assertEqual(service.get("/livez")[0], 200)
            self.assertEqual(service.get("/readyz")[0], 200)

    def test_no_label_names_a_user_a_stream_or_an_address(self):
        for service in (self.control, self.media):
            text = service.get("/metrics")[1]
            for word in ("alice", "bob", "live/m", "127.0.0.1"):
                self.assertNotIn(word, text)


if __name__ == "__main__":
    main()
