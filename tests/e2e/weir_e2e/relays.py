"""A fleet whose instances play streams from each other."""

from .clients import ffmpeg_play, ffmpeg_publish_for_ever, make_source
from .fleet import LIVE_STATES, FleetCase, Member
from .frames import Frame, parse
from .process import Process
from .waiting import wait_for
from .watcher import Watcher


class RelayCase(FleetCase):
    """The stream is `show`; it begins on `here`."""

    # Players wait for the stream, before it begins and while it moves.
    here_options = there_options = ("--play-wait=60s", "--limit-move-gap=60s")

    def setUp(self):
        super().setUp()
        self.watchers: list[Watcher] = []

    def tearDown(self):
        for watcher in self.watchers:
            watcher.stop()
        super().tearDown()

    @property
    def others(self) -> list[Member]:
        return self.fleet[1:]

    def publish(self, seconds: int = 2, gop: int = 15) -> Process:
        """These seconds, again and again, with a keyframe every `gop` pictures."""
        source = make_source(self.folder / "source.flv", seconds, gop)
        url = self.here.url("show", "alice")
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        wait_for("it is live", lambda: self.here.metric("weir_streams") == 1)
        return publisher

    def watch(self, member: Member, name: str = "show") -> Watcher:
        """Each watcher is a user of its own."""
        user = f"watcher-{len(self.watchers)}"
        self.watchers.append(Watcher(member, name, user))
        return self.watchers[-1]

    def wait_for_pictures(self, count: int = 30) -> None:
        """New ones, for every watcher."""
        seen = [len(each.pictures) for each in self.watchers]

        def more() -> bool:
            self.assertTrue(all(each.watching for each in self.watchers), "a watcher was sent away")
            return all(
                len(watcher.pictures) >= before + count
                for watcher, before in zip(self.watchers, seen, strict=True)
            )

        wait_for("all see more", more)

    def play(self, member: Member, user: str) -> Process:
        return self.run_process(user, ffmpeg_play(member.url("show", user), self.folder / user))

    def frames(self, user: str) -> list[Frame]:
        """What ffmpeg has played."""
        path = self.folder / user
        return parse(path.read_text()) if path.exists() else []

    def wait_for_frames(self, *users: str, count: int = 100) -> None:
        """New ones."""
        wanted = {user: len(self.frames(user)) + count for user in users}
        wait_for(
            f"{', '.join(users)} see more",
            lambda: all(len(self.frames(user)) > wanted[user] for user in users),
        )

    def relays(self) -> list[int]:
        """Streams that each instance plays from another one."""
        return [int(each.metric("weir_relay_streams")) for each in self.fleet]

    def wait_for_relays(self, *wanted: int) -> None:
        wait_for(f"relays are {wanted}", lambda: self.relays() == list(wanted))

    def live_sessions(self) -> list[dict]:
        return self.sessions(states=LIVE_STATES)

    def holder(self) -> str:
        """The instance that control names for the stream; empty where it has none."""
        found = self.ask("StreamService/ListStreams").get("streams", [])
        return found[0]["route"].get("instance_id", "") if found else ""
