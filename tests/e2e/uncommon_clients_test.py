"""What no encoder or player at hand does: said byte by byte, and seen by a real player."""

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import mpv_play, rtmpdump_play
from weir_e2e.flv import AUDIO, SCRIPT, VIDEO, Tag, media_of, read_tags
from weir_e2e.process import Process
from weir_e2e.rtmp_wire import AGGREGATE, DATA, RtmpClient, amf
from weir_e2e.waiting import wait_for

# H.264 and AAC (FLV 10.1, sections E.4.2 and E.4.3): what the bytes behind these say is no matter.
_CONFIGURATION, _KEYFRAME = b"\x17\x00\x00\x00\x00", b"\x17\x01\x00\x00\x00"
_PICTURE, _SOUND = b"\x27\x01\x00\x00\x00", b"\xaf\x01"


def keyframe(timestamp: int, text: str) -> Tag:
    return Tag(VIDEO, timestamp, _KEYFRAME + text.encode())


def picture(timestamp: int, text: str) -> Tag:
    return Tag(VIDEO, timestamp, _PICTURE + text.encode())


def sound(timestamp: int, text: str) -> Tag:
    return Tag(AUDIO, timestamp, _SOUND + text.encode())


def configuration(text: str) -> Tag:
    return Tag(VIDEO, 0, _CONFIGURATION + text.encode())


class ByHandCase(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()

    def client(self) -> RtmpClient:
        client = RtmpClient(self.media.rtmp_address)
        self.addCleanup(client.socket.close)
        client.connect("live")
        return client

    def publish(self, client: RtmpClient, name: str) -> int:
        stream = client.create_stream()
        status = client.publish(stream, f"{name}?user=alice")
        self.assertEqual(status["code"], "NetStream.Publish.Start")
        return stream

    def send(self, client: RtmpClient, stream: int, tags: list[Tag]) -> None:
        for tag in tags:
            client.send(tag.kind, stream, tag.body, tag.timestamp)


class PublisherTest(ByHandCase):
    def record(self, name: str, play=rtmpdump_play) -> Process:
        """A player that waits for the stream and keeps all of it in a file of its name."""
        url = self.media.url(name, f"viewer-of-{name}")
        player = self.run_process(name, play(url, self.folder / f"{name}.flv"))
        self.wait_for_sessions(1, user_id=f"viewer-of-{name}")
        return player

    def recorded(self, player: Process) -> list[Tag]:
        player.wait()
        return read_tags(self.folder / f"{player.name}.flv")

    def test_two_streams_on_one_connection(self):
        players = {name: self.record(name) for name in ("one", "two")}
        client = self.client()
        streams = {name: self.publish(client, name) for name in players}
        self.assertNotEqual(streams["one"], streams["two"])
        sent = {
            name: [configuration(name), keyframe(0, f"{name} begins"), keyframe(40, f"{name} on")]
            for name in streams
        }
        for at in range(3):
            for name, stream in streams.items():
                self.send(client, stream, sent[name][at : at + 1])

        client.command("deleteStream", None, float(streams["one"]))
        self.assertEqual(media_of(self.recorded(players["one"])), sent["one"])
        self.wait_for_sessions(0, stream_id="live/one")
        self.wait_for_sessions(1, user_id="alice", stream_id="live/two")
        sent["two"].append(keyframe(80, "two alone"))
        self.send(client, streams["two"], sent["two"][-1:])
        client.command("deleteStream", None, float(streams["two"]))
        self.assertEqual(media_of(self.recorded(players["two"])), sent["two"])

    def test_an_aggregate_message_is_taken_apart(self):
        player = self.record("aggregate")
        client = self.client()
        stream = self.publish(client, "aggregate")
        # Its tags count from the first, which is at the time of the message.
        tags = [keyframe(700, "a picture"), sound(710, "and its sound"), keyframe(740, "another")]
        client.send(AGGREGATE, stream, b"".join(tag.encoded() for tag in tags), timestamp=1_000)
        client.command("deleteStream", None, float(stream))
        moved = [Tag(tag.kind, tag.timestamp + 300, tag.body) for tag in tags]
        self.assertEqual(media_of(self.recorded(player)), moved)

    def test_data_messages_are_passed_on(self):
        # rtmpdump keeps no data but onMetaData.
        player = self.record("data", mpv_play)
        client = self.client()
        stream = self.publish(client, "data")
        description = amf("onMetaData", {"width": 320.0, "encoder": "by hand"})
        text = amf("onTextData", {"text": "in the middle"})
        client.send(DATA, stream, amf("@setDataFrame") + description)
        self.send(client, stream, [keyframe(0, "before the text")])
        client.send(DATA, stream, text, timestamp=20)
        self.send(client, stream, [keyframe(40, "after the text")])
        client.command("deleteStream", None, float(stream))
        recorded = self.recorded(player)
        # The server's own word to Flash players is data too.
        told = [tag for tag in recorded if b"|RtmpSampleAccess" not in tag.body]
        self.assertEqual([tag.kind for tag in told], [SCRIPT, VIDEO, SCRIPT, VIDEO])
        self.assertEqual([told[0].body, told[2]], [description, Tag(SCRIPT, 20, text)])

    def test_odd_media_is_passed_on_untouched(self):
        player = self.record("odd")
        client = self.client()
        stream = self.publish(client, "odd")
        client.set_chunk_size(65_536)
        sent = [
            configuration("first"),
            Tag(VIDEO, 0, b"\x17\x01\xff\xff\xd8" + b"composed 40 ms earlier"),
            # Silence, as some encoders say it.
            sound(20, ""),
            keyframe(40, "x" * (4 << 20)),
            configuration("changed"),
            keyframe(80, "after the change"),
        ]
        self.send(client, stream, sent)
        # Encoders repeat themselves, players need not hear it.
        last = keyframe(120, "last")
        self.send(client, stream, [configuration("changed"), last])
        client.command("deleteStream", None, float(stream))
        self.assertEqual(media_of(self.recorded(player)), [*sent, last])

    def test_timestamps_beyond_24_bits_and_the_wrap(self):
        player = self.record("long")
        client = self.client()
        stream = self.publish(client, "long")
        times = [0xFFFFFE, 0xFFFFFF, 0x1000000, 30 * 3_600_000, 0xFFFFFFF0, 0x10]
        tags = [keyframe(time, f"at {time}: " + "x" * 300) for time in times]
        self.send(client, stream, tags)
        client.command("deleteStream", None, float(stream))
        self.assertEqual(media_of(self.recorded(player)), tags)


class PlayerTest(ByHandCase):
    # So that what is published is with its players before anything else is looked at.
    media_options = ("--workers=1",)

    def next_media(self, player: RtmpClient) -> bytes:
        while True:
            kind, payload = player.next_message()
            if kind in (AUDIO, VIDEO):
                return payload

    def media_before_an_answer(self, player: RtmpClient) -> list[bytes]:
        """What the server had sent when it came to a command."""
        player.command("createStream", None)
        found = []
        while True:
            kind, payload = player.next_message()
            if kind in (AUDIO, VIDEO):
                found.append(payload)
            elif b"_result" in payload:
                return found

    def send_and_wait(self, client: RtmpClient, stream: int, tags: list[Tag]) -> None:
        """Until the server has taken them, and has sent them to who wants them."""
        before = self.media.metric("weir_frames_total")
        self.send(client, stream, tags)
        wait_for(
            "the frames are there",
            lambda: self.media.metric("weir_frames_total") >= before + len(tags),
        )

    def test_a_player_that_seeks_goes_on_at_the_newest_keyframe(self):
        """As ffmpeg -ss does, which forgets what it had of the pictures before."""
        publisher = self.client()
        stream = self.publish(publisher, "sought")
        tags = [keyframe(0, "old"), keyframe(40, "newest"), picture(80, "after it")]
        self.send_and_wait(publisher, stream, tags)
        player = self.client()
        played = player.create_stream()
        player.play(played, "sought?user=bob")
        self.assertEqual(self.next_media(player), tags[1].body)
        self.assertEqual(self.next_media(player), tags[2].body)

        player.command("seek", None, 1000.0, message_stream=played)
        while player.status()["code"] != "NetStream.Seek.Notify":
            pass
        self.assertEqual(self.next_media(player), tags[1].body)
        self.assertEqual(self.next_media(player), tags[2].body)

    def test_a_player_pauses_and_chooses(self):
        publisher = self.client()
        stream = self.publish(publisher, "show")
        self.send_and_wait(publisher, stream, [keyframe(0, "at the start")])
        player = self.client()
        played = player.create_stream()
        self.assertEqual(player.play(played, "show?user=bob")["code"], "NetStream.Play.Reset")
        self.assertEqual(self.next_media(player), keyframe(0, "at the start").body)

        player.command("pause", None, True, 0.0, message_stream=played)
        while player.status()["code"] != "NetStream.Pause.Notify":
            pass
        self.send_and_wait(
            publisher, stream, [keyframe(40, "missed"), keyframe(80, "while paused")]
        )
        self.assertEqual(self.media_before_an_answer(player), [])
        # Live: it goes on at the newest keyframe.
        player.command("pause", None, False, 0.0, message_stream=played)
        self.assertEqual(self.next_media(player), keyframe(80, "while paused").body)

        player.command("receiveVideo", None, False, message_stream=played)
        self.assertEqual(self.media_before_an_answer(player), [])
        self.send(publisher, stream, [keyframe(120, "not wanted"), sound(120, "wanted")])
        self.assertEqual(self.next_media(player), sound(120, "wanted").body)

        # It goes on at a keyframe, which is a seek.
        player.command("receiveVideo", None, True, message_stream=played)
        while player.status()["code"] != "NetStream.Seek.Notify":
            pass
        self.assertEqual(self.next_media(player), keyframe(120, "not wanted").body)


if __name__ == "__main__":
    main()
