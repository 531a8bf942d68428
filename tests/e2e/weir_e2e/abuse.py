"""What every abuse test ends with: a well-behaved stream is served, and the memory is back."""

import resource

from .case import EndToEndCase
from .clients import make_source
from .frames import assert_all, frames_of, parse
from .rtmp_wire import RtmpClient
from .services import under_sanitizer
from .waiting import wait_for

MIB = 1 << 20
# What an allocator may keep of memory that was freed.
_KEPT_BY_ALLOCATOR = 24 * MIB


class AbuseCase(EndToEndCase):
    def setUp(self):
        super().setUp()
        # For clients here and, inherited, for the services.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.start_services()
        self.source = make_source(self.folder / "source.flv", seconds=1)
        # Once before the abuse, so that what a first stream allocates for good is there.
        self.serve_a_stream("warm-up")
        self.before = self.media.resident_bytes()

    def client(self, app: str = "live") -> RtmpClient:
        """Connected at the RTMP level too."""
        client = RtmpClient(self.media.rtmp_address)
        client.connect(app)
        return client

    def publisher(self, name: str, user: str) -> tuple[RtmpClient, int]:
        client = self.client()
        stream = client.create_stream()
        self.assertEqual(
            client.publish(stream, f"{name}?user={user}")["code"], "NetStream.Publish.Start"
        )
        return client, stream

    def serve_a_stream(self, name: str) -> None:
        """ffmpeg publishes and ffmpeg plays, and every frame arrives."""
        listing = self.folder / f"{name}.framemd5"
        publisher, player = self.start_watched_stream(name, self.source, listing)
        self.assertEqual(publisher.wait(), 0)
        player.wait()
        assert_all(self, frames_of(self.source), parse(listing.read_text()))

    def assert_bounded(self, growth: int) -> None:
        """While the abuse goes on."""
        if not under_sanitizer():
            self.assertLess(self.media.resident_bytes(), self.before + growth)

    def assert_recovered(self) -> None:
        self.serve_a_stream("after")
        self.wait_for_no_connections()
        self.wait_for_stream(0)
        self.assert_memory_back()

    def assert_memory_back(self) -> None:
        if under_sanitizer():
            return
        wait_for(
            "the memory is back",
            lambda: self.media.resident_bytes() < self.before + _KEPT_BY_ALLOCATOR,
        )

    def wait_for_no_connections(self) -> None:
        wait_for(
            "all connections are gone",
            lambda: self.media.metric("weir_rtmp_connections") == 0,
        )
