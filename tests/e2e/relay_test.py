"""A stream is played on every instance, fetched once by each; the relay itself counts as nobody."""

import signal

from weir_e2e.case import main
from weir_e2e.frames import assert_window, of_stream
from weir_e2e.relays import RelayCase
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


if __name__ == "__main__":
    main()
