"""HEVC, AV1, Opus and several tracks: from real encoders, through real clients, decoded again."""

from pathlib import Path

from weir_e2e.case import EndToEndCase, main
from weir_e2e.clients import gst_publish_tags, mpv_play, rtmpdump_play
from weir_e2e.enhanced_rtmp import (
    audio_tags,
    coded_video,
    decoded_pictures,
    encode,
    interleaved,
    multitrack_video_tags,
    video_tags,
)
from weir_e2e.flv import Tag, media_of, read_tags


class NewCodecsTest(EndToEndCase):
    def setUp(self):
        super().setUp()
        self.start_services()
        self.played = self.folder / "played.flv"
        self.play_url = self.media.url("new", "bob")

    def encode(self, name: str, four_cc: bytes, **options):
        return encode(self.folder / f"{name}.mp4", four_cc, **options)

    def publish_and_play(self, tags: list[Tag], sink: str, player: list[str]) -> list[Tag]:
        """The player waits for the stream, keeps what it is sent, and ends with it."""
        playing = self.run_process("player", player)
        self.wait_for_sessions(1, user_id="bob")
        publisher = self.run_process(
            "publisher", gst_publish_tags(self.files_of(tags), sink, self.media.url("new", "alice"))
        )
        self.assertEqual(publisher.wait(), 0)
        playing.wait()
        return media_of(read_tags(self.played))

    def files_of(self, tags: list[Tag]) -> Path:
        folder = self.folder / "tags"
        folder.mkdir()
        for number, tag in enumerate(tags):
            (folder / f"{number:06}.tag").write_bytes(tag.encoded())
        return folder

    def test_hevc_through_rtmp2sink_to_rtmpdump(self):
        video, audio = self.encode("video", b"hvc1"), self.encode("audio", b"mp4a")
        tags = interleaved(video_tags(video), audio_tags(audio))
        played = self.publish_and_play(
            tags, "rtmp2sink", rtmpdump_play(self.play_url, self.played)
        )
        self.assertEqual(played, tags)
        pictures = decoded_pictures(b"hvc1", coded_video(played))
        self.assertEqual(len(pictures), len(video.packets))

    def test_av1_and_opus_through_librtmp_to_mpv(self):
        video, audio = self.encode("video", b"av01"), self.encode("audio", b"Opus")
        tags = interleaved(video_tags(video), audio_tags(audio))
        played = self.publish_and_play(tags, "rtmpsink", mpv_play(self.play_url, self.played))
        self.assertEqual(played, tags)
        pictures = decoded_pictures(b"av01", coded_video(played))
        self.assertEqual(len(pictures), len(video.packets))

    def test_nanoseconds_through_rtmp2sink_to_mpv(self):
        tags = video_tags(self.encode("video", b"av01"), nanoseconds=500_000)
        played = self.publish_and_play(tags, "rtmp2sink", mpv_play(self.play_url, self.played))
        self.assertEqual(played, tags)

    def test_two_tracks_through_rtmp2sink_to_rtmpdump(self):
        videos = [
            self.encode("large", b"hvc1"),
            self.encode("small", b"hvc1", size="160x90"),
        ]
        audio = self.encode("audio", b"Opus")
        tags = interleaved(multitrack_video_tags(videos), audio_tags(audio))
        played = self.publish_and_play(
            tags, "rtmp2sink", rtmpdump_play(self.play_url, self.played)
        )
        self.assertEqual(played, tags)
        for track, video in enumerate(videos):
            pictures = decoded_pictures(b"hvc1", coded_video(played, track))
            self.assertEqual(len(pictures), len(video.packets))


if __name__ == "__main__":
    main()
