"""Clients that are gone in the middle of something: nothing of them stays, here or in control."""

import signal

from weir_e2e.abuse import AbuseCase
from weir_e2e.case import SHORT_LIVES, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.rtmp_wire import COMMAND, VIDEO, amf, chunk
from weir_e2e.waiting import wait_for


class VanishingClientsTest(AbuseCase):
    # An interrupted publisher's session is held for its reconnect: shortly here.
    control_options = (*SHORT_LIVES, "--session-publish-reconnect-grace=1s")
    media_options = ("--admission-timeout=20s",)

    def test_resets_in_the_middle_of_media(self):
        for number in range(100):
            client, stream = self.publisher(f"reset-{number}", f"user-{number}")
            client.send_keyframe(stream, 0, 5_000)
            half = chunk(3, VIDEO, stream, b"\x17\x01\x00\x00\x00" + bytes(5_000))[:2_000]
            client.socket.sendall(half)
            client.reset()
        self.wait_for_sessions(0)
        self.assert_recovered()

    def test_players_reset_while_they_are_sent_to(self):
        source = make_source(self.folder / "long.flv", seconds=2)
        publisher = self.run_process(
            "publisher", ffmpeg_publish_for_ever(source, self.media.url("on", "carol"))
        )
        self.wait_for_stream()
        for number in range(100):
            player = self.client()
            player.play(player.create_stream(), f"on?user=user-{number}")
            player.next_message()
            player.reset()
        wait_for(
            "the players are gone",
            lambda: self.media.metric("weir_players") == 0,
        )
        self.assertTrue(publisher.running)
        publisher.terminate()
        self.wait_for_sessions(0)
        self.assert_recovered()

    def test_gone_while_admission_is_pending(self):
        """Control stands still; who asked is gone when it answers, and gives the session back."""
        self.control.signal(signal.SIGSTOP)
        for number in range(50):
            client = self.client()
            stream = client.create_stream()
            publish = amf("publish", 3.0, None, f"gone-{number}?user=user-{number}", "live")
            client.socket.sendall(chunk(3, COMMAND, stream, publish))
            client.send_keyframe(stream, 0, 5_000)
            client.socket.close()
        self.wait_for_no_connections()
        self.control.signal(signal.SIGCONT)
        self.wait_for_sessions(0)
        self.assert_recovered()


if __name__ == "__main__":
    main()
