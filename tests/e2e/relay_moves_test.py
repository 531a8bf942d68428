"""The stream moves, its instance is killed, a line breaks: who watches elsewhere skips to a keyframe."""

from weir_e2e.cable import Cable
from weir_e2e.case import main
from weir_e2e.clients import ffmpeg_publish_through_fifo, make_source
from weir_e2e.relays import RelayCase
from weir_e2e.waiting import wait_for
from weir_e2e.watcher import assert_in_order, assert_no_gaps


class DrainTest(RelayCase):
    control_options = (
        "--shutdown-grace=0s",
        "--shutdown-migrate-after=0s",
        # The drained instance goes on serving its players until then.
        "--shutdown-deadline=60s",
    )

    def test_players_everywhere_follow_a_move(self):
        """Also those of the instance that drains, which has become one that relays."""
        self.publish_from_weir_load(1)
        wait_for("it is live", lambda: self.here.metric("weir_streams") == 1)
        for member in self.fleet[:3]:
            self.watch(member, "load-0")
        self.wait_for_pictures()
        self.wait_for_relays(0, 1, 1, 0)
        leaving = self.here
        [before] = self.publish_sessions().values()
        self.ask("InstanceService/DrainInstance", instance_id=leaving.instance_id)
        wait_for("it has moved", lambda: self.holder() not in ("", leaving.instance_id))
        wait_for("it is relayed here", lambda: leaving.metric("weir_relay_streams") == 1)
        self.wait_for_pictures()
        [after] = self.publish_sessions().values()
        self.assertEqual(after["session_id"], before["session_id"])
        at = [each.instance_id for each in self.fleet].index(self.holder())
        self.wait_for_relays(*(int(i != at and i < 3) for i in range(4)))
        assert_in_order(self, self.watchers)


class KillTest(RelayCase):
    def test_players_elsewhere_outlive_the_instance_that_held_the_stream(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.balancer.url("show", "alice")
        self.run_process("publisher", ffmpeg_publish_through_fifo(source, url))
        killed, *others = self.fleet
        wait_for("it is live", lambda: killed.metric("weir_streams") == 1)
        for member in others:
            self.watch(member)
        self.wait_for_pictures()
        player = self.play(others[-1], "ffmpeg")
        self.wait_for_frames("ffmpeg")
        # The balancer's list: what comes next goes to another one.
        self.fleet.append(self.fleet.pop(0))
        killed.kill()
        self.come_back(killed)
        wait_for("it is live elsewhere", lambda: self.holder() == others[0].instance_id)
        self.wait_for_pictures()
        self.wait_for_frames("ffmpeg")
        self.assertTrue(player.running)
        self.wait_for_relays(0, 1, 1, 0)
        assert_in_order(self, self.watchers)


class BrokenLineTest(RelayCase):
    def before_start(self) -> None:
        self.cable = Cable()
        self.addCleanup(self.cable.close)
        self.here_options = (*self.here_options, f"--advertise-relay={self.cable.address}")

    def test_a_relay_goes_on_where_it_was(self):
        """The holder's keyframe is an old one for those who had it, and no other comes meanwhile."""
        self.cable.lead_to(self.here.rtmp_address)
        self.publish(seconds=50, gop=1_500)
        relaying = self.others[0]
        for _ in range(2):
            self.watch(relaying)
        self.watch(self.here)
        self.wait_for_pictures()
        for count in (2, 3):
            self.cable.sever()
            wait_for(
                "it is played again",
                lambda count=count: len(relaying.events("relay.started")) == count,
            )
            self.wait_for_pictures()
        self.wait_for_relays(0, 1, 0, 0)
        assert_in_order(self, self.watchers)
        assert_no_gaps(self, self.watchers)


if __name__ == "__main__":
    main()
