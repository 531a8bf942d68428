"""A stream is played on every instance, fetched once by each; the relay itself counts as nobody."""

import re
import signal

from weir_e2e.attached import AttachedInstance
from weir_e2e.case import LONG_LEASE, main
from weir_e2e.fleet import Member
from weir_e2e.frames import assert_window, of_stream
from weir_e2e.relays import RelayCase
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.waiting import wait_for
from weir_e2e.watcher import assert_in_order


class ThreeInstancesTest(RelayCase):
    def relays_of_the_holder(self) -> float:
        return self.here.metric("weir_rtmp_connections", role="relay")

    def test_each_fetches_it_once_and_shows_the_same(self):
        self.publish()
        direct = self.play(self.here, "direct")
        self.wait_for_frames("direct")
        near, far, _ = self.others
        relayed = {
            user: self.play(member, user)
            for user, member in (("near-1", near), ("near-2", near), ("far-1", far), ("far-2", far))
        }
        self.wait_for_frames(*relayed)
        self.assertEqual(self.relays(), [0, 1, 1, 0])
        self.assertEqual(self.relays_of_the_holder(), 2)
        self.assertEqual([each.metric("weir_players") for each in self.fleet], [1, 2, 2, 0])
        self.assert_sessions({"direct": self.here, "near-1": near, "near-2": near, "far-1": far,
                              "far-2": far})  # fmt: skip
        self.assertEqual(self.holder(), self.here.instance_id)

        for player in relayed.values():
            player.signal(signal.SIGINT)
            player.wait()
        self.wait_for_relays(0, 0, 0, 0)
        wait_for("the relays are gone", lambda: self.relays_of_the_holder() == 0)
        last = max(frame.dts for user in relayed for frame in self.frames(user))
        wait_for(
            "it comes as far as they had",
            lambda: all(of_stream(self.frames("direct"), each)[-1].dts > last for each in (0, 1)),
        )
        direct.signal(signal.SIGINT)
        direct.wait()
        for user in relayed:
            assert_window(self, self.frames("direct"), self.frames(user))

    def assert_sessions(self, players: dict) -> None:
        """One publisher's and the players' own, each where it plays; none of a relay."""
        found = self.live_sessions()
        self.assertEqual(
            sorted(each["kind"] for each in found),
            ["SESSION_KIND_PLAY"] * len(players) + ["SESSION_KIND_PUBLISH"],
        )
        self.assertEqual(
            {each["user_id"]: each["instance_id"] for each in found},
            {"alice": self.here.instance_id}
            | {user: member.instance_id for user, member in players.items()},
        )


class WaitingTest(RelayCase):
    def test_who_comes_first_waits_on_every_instance(self):
        for member in self.fleet[:3]:
            self.watch(member)
        self.wait_for_sessions(3, kind="SESSION_KIND_PLAY")
        self.publish()
        self.wait_for_pictures()
        self.assertEqual(self.relays(), [0, 1, 1, 0])
        assert_in_order(self, self.watchers)


class ImpatientTest(RelayCase):
    here_options = there_options = ("--play-wait=0s",)

    def test_only_what_nobody_publishes_is_refused(self):
        early = self.watch(self.others[0])
        wait_for("it is refused", lambda: early.refusal)
        self.assertEqual(early.refusal["code"], "NetStream.Play.StreamNotFound")
        self.watchers.clear()
        self.publish()
        self.watch(self.others[0])
        self.wait_for_pictures()
        self.wait_for_relays(0, 1, 0, 0)


class TokenTest(RelayCase):
    # The instance of the test's own does not report.
    control_options = (*RelayCase.control_options, *LONG_LEASE)

    def setUp(self):
        super().setUp()
        self.publish()
        self.probe = AttachedInstance(self.control.grpc_address, "probe")
        self.addCleanup(self.probe.close)

    def token(self, **identity: str) -> str:
        found = self.ask("StreamService/GetStream", stream_id="live/show", **identity)
        return found.get("relay_token", "")

    def tokens_of_the_probe(self) -> str:
        return self.token(instance_id=self.probe.instance_id, incarnation=self.probe.incarnation)

    def play_with(self, member, token: str, name: str = "show") -> dict:
        with RtmpClient(member.rtmp_address) as client:
            client.connect("live")
            return client.play(client.create_stream(), f"{name}?relay={token}")

    def test_a_token_opens_the_stream_without_a_session(self):
        before = self.live_sessions()
        status = self.play_with(self.here, self.tokens_of_the_probe())
        self.assertIn(status["code"], ("NetStream.Play.Reset", "NetStream.Play.Start"))
        self.assertEqual(
            [each["session_id"] for each in self.live_sessions()],
            [each["session_id"] for each in before],
        )

    def test_nothing_else_does(self):
        token = self.tokens_of_the_probe()
        end, mac = token.split(".")
        for member, wrong, name in (
            (self.here, "none", "show"),
            (self.here, end, "show"),
            (self.here, f"{end}.{mac[:-1]}{'0' if mac[-1] != '0' else '1'}", "show"),
            # A longer life, and another stream and instance than it was made for.
            (self.here, f"{int(end, 16) + 60:x}.{mac}", "show"),
            (self.here, token, "other"),
            (self.others[0], token, "show"),
        ):
            status = self.play_with(member, wrong, name)
            self.assertEqual(status["code"], "NetStream.Play.Failed", wrong)
            self.assertIn("relay token", status["description"])
        self.wait_for_refusals(self.here, 5)
        self.wait_for_refusals(self.others[0], 1)
        self.assert_secret(mac)

    def test_only_attached_instances_get_one(self):
        self.assertEqual(self.token(), "")
        self.assertEqual(self.token(instance_id="probe", incarnation="f" * 32), "")
        self.assertEqual(self.token(instance_id="unknown", incarnation="f" * 32), "")
        self.assertRegex(self.tokens_of_the_probe(), re.compile(r"^[0-9a-f]+\.[0-9a-f]{64}$"))

    def test_a_new_control_makes_older_ones_void(self):
        """Who needs one gets a new one; what is open stays open."""
        self.watch(self.others[0])
        self.wait_for_pictures()
        token = self.tokens_of_the_probe()
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        wait_for(
            "all are attached again",
            lambda: all(each.metric("weir_control_connected") == 1 for each in self.fleet),
        )
        wait_for(
            "the holder has a new key",
            lambda: self.play_with(self.here, token)["code"] == "NetStream.Play.Failed",
        )
        self.wait_for_pictures()
        self.assertEqual(len(self.others[0].events("relay.started")), 1)
        self.watch(self.others[1])
        self.wait_for_pictures()

    def wait_for_refusals(self, member: Member, count: int) -> None:
        def told() -> bool:
            refusals = member.events("play.refused")
            return sum("relay token" in each["reason"] for each in refusals) == count

        wait_for(f"{member.instance_id} has told of {count} refusals", told)

    def assert_secret(self, mac: str) -> None:
        for service in (self.control, *self.fleet):
            for line in service.stdout_lines:
                self.assertNotIn(mac, line)


if __name__ == "__main__":
    main()
