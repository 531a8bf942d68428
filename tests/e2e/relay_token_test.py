"""Only a relay token opens a stream without a session: the right one, and in time."""

import hashlib
import hmac
import re
import time

from weir_e2e.attached import AttachedInstance
from weir_e2e.case import LONG_LEASE, EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.fleet import Member
from weir_e2e.forwarder import Forwarder
from weir_e2e.grpc_calls import call
from weir_e2e.relays import RelayCase
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.services import Media
from weir_e2e.waiting import wait_for

_OPEN = ("NetStream.Play.Reset", "NetStream.Play.Start")


def play_with(member: Media, token: str, name: str = "show") -> dict:
    with RtmpClient(member.rtmp_address) as client:
        client.connect("live")
        return client.play(client.create_stream(), f"{name}?relay={token}")


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

    def test_a_token_opens_the_stream_without_a_session(self):
        before = self.live_sessions()
        status = play_with(self.here, self.tokens_of_the_probe())
        self.assertIn(status["code"], _OPEN)
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
            status = play_with(member, wrong, name)
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
            lambda: play_with(self.here, token)["code"] == "NetStream.Play.Failed",
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


class OwnTokenTest(EndToEndCase):
    """Made by the test, which listens when control tells the instance its key."""

    control_options = ("--log-level=debug", *LONG_LEASE)
    media_options = ("--log-level=debug", "--instance-id=holder")

    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self._said = bytearray()
        self.line = Forwarder(lambda: self.control.grpc_address, answered=self._said.extend)
        self.addCleanup(self.line.close)
        self.media = self.start_media(self.line.address)
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.media.url("show", "alice")
        self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        wait_for("it is live", lambda: self.media.metric("weir_streams") == 1)
        self.key = self._key()

    def _key(self) -> bytes:
        """The 32 bytes of Welcome.relay_key (field 4) that sign as control does."""
        probe = AttachedInstance(self.control.grpc_address, "probe")
        self.addCleanup(probe.close)
        identity = {"instance_id": "probe", "incarnation": probe.incarnation}
        given = call(
            self.control.grpc_address, "StreamService/GetStream", stream_id="live/show", **identity
        )
        end, mac = given["relay_token"].split(".")
        heard = re.finditer(rb"(?=\x22\x20(.{32}))", bytes(self._said), re.DOTALL)
        return next(each[1] for each in heard if self._mac(each[1], end) == mac)

    @staticmethod
    def _mac(key: bytes, end: str) -> str:
        text = b"\0".join((b"weir relay token 1", b"live/show", end.encode()))
        return hmac.new(key, text, hashlib.sha256).hexdigest()

    def token(self, end: int) -> str:
        return f"{end:x}.{self._mac(self.key, f'{end:x}')}"

    def test_it_is_good_until_its_end(self):
        now = int(time.time())
        for end, codes in ((now + 3_600, _OPEN), (now - 1, ("NetStream.Play.Failed",))):
            status = play_with(self.media, self.token(end))
            self.assertIn(status["code"], codes, end - now)
        self.assertEqual(status["description"], "the relay token is not valid")
        [refused] = wait_for("it is in the log", lambda: self.media.events("play.refused"))
        self.assertEqual(refused["reason"], "the relay token is not valid")
        self.assert_secret(now - 1, self.media)

    def test_it_is_void_in_the_next_process_of_the_instance(self):
        end = int(time.time()) + 3_600
        self.assertIn(play_with(self.media, self.token(end))["code"], _OPEN)
        self.media.kill()
        again = self.start_media(self.line.address)
        self.assertEqual(play_with(again, self.token(end))["code"], "NetStream.Play.Failed")
        self.assert_secret(end, self.media, again)

    def assert_secret(self, end: int, *instances: Media) -> None:
        for service in (self.control, *instances):
            for line in service.stdout_lines:
                self.assertNotIn(self.token(end).split(".")[1], line)
                self.assertNotIn(self.key.hex(), line.lower())


if __name__ == "__main__":
    main()
