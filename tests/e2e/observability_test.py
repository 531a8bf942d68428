"""A real Prometheus scrapes both services under load: every rule and every panel has data.

With WEIR_DASHBOARD_PICTURE=FILE the dashboard is drawn from two minutes of it.
"""

import os
import re
import socket
import time
from pathlib import Path

from weir_e2e.case import SHORT_LIVES, EndToEndCase, main
from weir_e2e.grpc_calls import CallFailed, call
from weir_e2e.prometheus import Prometheus, dashboard_panels, filled_in
from weir_e2e.rtmp_wire import VIDEO, RtmpClient
from weir_e2e.services import BIN_DIR
from weir_e2e.waiting import wait_for

INTERVAL = "500ms"
# For a rate over a few scrapes.
WINDOW = "10s"
# What is only there when something goes wrong that this test does not bring about.
QUIET = {
    "sum by (event) (rate(weir_relay_events_total": "there is no other instance",
    "sum by (kind) (rate(weir_stale_writes_rejected_total": "nobody speaks for an older incarnation",
}
QUIET_SELECTORS = {
    "weir_relay_events_total": "there is no other instance",
    "grpc_server_handled_total{grpc_code": "no admission fails because of us",
}
SELECTOR = re.compile(r"\b(?:weir|process|grpc_server)_[a-z_]+(?:\{[^}]*\})?")
# How fast the machine is decides whether these are pending.
OF_SPEED = {"WeirStoreSlow", "WeirAdmissionsSlow", "WeirExpiryLate", "WeirPlayersLag"}
PICTURE = os.environ.get("WEIR_DASHBOARD_PICTURE")
PICTURE_SECONDS = 120


class ObservabilityTest(EndToEndCase):
    control_options = SHORT_LIVES
    media_options = (
        "--instance-id=media-0",
        "--limit-publishers=20",
        "--limit-players=200",
    )

    def setUp(self):
        super().setUp()
        self.start_services()
        self.prometheus = self.keep(
            Prometheus(
                self.folder,
                self.control.listener("metrics"),
                self.media.listener("metrics"),
                INTERVAL,
            )
        )
        self.load()

    def load(self) -> None:
        """Streams that run on, clients that come and go, and some that are refused."""
        self.run_weir_load("steady", "--publishers=3", "--players=4", "--duration=10m")
        self.run_weir_load("churn", "--publishers=0", "--churn=10", "--duration=10m")
        wait_for("players are served", lambda: self.media.metric("weir_players") == 12)

    def run_weir_load(self, name: str, *options: str) -> None:
        url = self.media.url(name + "{stream}", name + "-{client}")
        self.run_process(name, [str(BIN_DIR / "weir-load"), url, "--warm-up=200ms", *options])

    def disturb(self) -> None:
        """One of each thing that shows in a series of its own."""
        address = self.control.grpc_address
        session = call(
            address, "SessionService/AdmitSession",
            user_id="carol", stream_id="live/own", kind="SESSION_KIND_PLAY",
        )["session"]  # fmt: skip
        named = {key: session[key] for key in ("session_id", "user_id", "stream_id")}
        # The second session is left to expire.
        call(address, "SessionService/TouchSession", **named)
        call(address, "SessionService/ReleaseSession", session_id=session["session_id"])
        call(
            address, "SessionService/AdmitSession",
            user_id="dave", stream_id="live/own", kind="SESSION_KIND_PLAY",
        )  # fmt: skip
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            refused = client.publish(client.create_stream(), "steady0?user=mallory")
            self.assertIn("NetStream.Publish", refused["code"])
        with RtmpClient(self.media.rtmp_address) as client:
            client.connect("live")
            client.play(client.create_stream(), "steady0?user=erin")
            while client.next_message()[0] != VIDEO:
                pass
        with RtmpClient(self.media.rtmp_address) as client:
            client.socket.sendall(b"\xff" * 4096)
            self.assertTrue(client.closed_by_server())
        host, port = self.media.rtmp_address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as stranger:
            stranger.sendall(b"SSH-2.0-stranger\r\n")
            self.assertEqual(stranger.recv(1), b"")
        try:
            call(address, "StreamService/GetStream", stream_id="live/nothing")
        except CallFailed as refused_call:
            self.assertEqual(refused_call.code, "NOT_FOUND")

    def drain(self) -> None:
        """Denied, since no other instance is there; then by force, and taken back."""
        address, instance = self.control.grpc_address, "media-0"
        asked = call(address, "InstanceService/DrainInstance", instance_id=instance)
        self.assertIn("denial", asked)
        forced = call(address, "InstanceService/DrainInstance", instance_id=instance, force=True)
        self.assertIn("grant", forced)
        call(address, "InstanceService/CancelDrain", instance_id=instance)

    def wait_for_scrapes(self, count: int) -> None:
        def seen(job):
            found = self.prometheus.value(f'count_over_time(up{{job="{job}"}}[10m]) and on (job) up == 1')
            return found is not None and found >= count

        wait_for("both services are scraped", lambda: seen("control") and seen("media"))

    def empty_queries(self) -> list[str]:
        queries = [
            filled_in(target["expr"], WINDOW)
            for panel in dashboard_panels() for target in panel["targets"]
        ]  # fmt: skip
        return [query for query in queries if not self.prometheus.query(query)]

    def test_every_rule_and_every_panel_has_data(self):
        self.wait_for_scrapes(3)
        self.disturb()
        self.drain()

        def all_have_data():
            missing = [
                query for query in self.empty_queries() if not query.startswith(tuple(QUIET))
            ]  # fmt: skip
            self.missing = missing
            return not missing

        try:
            wait_for("every panel has data", all_have_data)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.missing}") from None
        self.assert_rules()
        if PICTURE:
            self.draw()

    def assert_rules(self) -> None:
        groups = self.prometheus.get("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreater(len(rules), 15)
        for rule in rules:
            with self.subTest(rule["name"]):
                self.assertEqual((rule["health"], rule.get("lastError")), ("ok", None))
                if rule["type"] == "recording":
                    self.assertTrue(self.prometheus.query(rule["name"]))
                elif rule["name"] not in OF_SPEED:
                    self.assertEqual(rule["alerts"], [], "nothing is wrong, yet it is pending")
                # An alert that is quiet because there is no such series would always be.
                for selector in SELECTOR.findall(rule["query"]):
                    if not selector.startswith(tuple(QUIET_SELECTORS)):
                        self.assertTrue(self.prometheus.query(selector), selector)
        load = self.prometheus.value("weir:media_load:ratio")
        self.assertGreater(load, 0)
        self.assertLess(load, 1)

    def draw(self) -> None:
        from weir_e2e.dashboard_picture import draw

        until = time.monotonic() + PICTURE_SECONDS
        while time.monotonic() < until:
            self.disturb()
            wait_for("dave's session expires", lambda: not self.sessions(user_id="dave"))
        Path(PICTURE).write_text(draw(self.prometheus, seconds=PICTURE_SECONDS, interval=WINDOW))


if __name__ == "__main__":
    main()
