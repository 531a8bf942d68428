"""What operators decide of an instance and of all holds until they take it back, whoever restarts."""

from weir_e2e.case import LONG_LEASE, EndToEndCase, main
from weir_e2e.clients import ffmpeg_publish_for_ever, make_source
from weir_e2e.grpc_calls import call
from weir_e2e.rtmp_wire import RtmpClient
from weir_e2e.services import Media
from weir_e2e.waiting import wait_for

_CORDONED = (503, "not ready: cordoned by an operator\n")


class CordonTest(EndToEndCase):
    control_options = LONG_LEASE

    def setUp(self):
        super().setUp()
        self.control = self.start_control()
        self.here = self.start_media(self.control.grpc_address, "--instance-id=here")
        self.there = self.start_media(self.control.grpc_address, "--instance-id=there")
        wait_for("both take streams", lambda: self.states() == ["ACTIVE", "ACTIVE"])

    def ask(self, method: str, **request) -> dict:
        return call(self.control.grpc_address, f"InstanceService/{method}", **request)

    def states(self) -> list[str]:
        listed = self.ask("ListInstances").get("instances", [])
        return [each["state"].removeprefix("INSTANCE_STATE_") for each in listed]

    def oldest_stream_seconds(self, instance_id: str) -> float:
        load = self.ask("GetInstance", instance_id=instance_id)["instance"]["load"]
        return float(load["oldest_stream_age"].removesuffix("s"))

    def cordon(self) -> None:
        self.ask("CordonInstance", instance_id="here")
        wait_for("it is cordoned", lambda: self.here.get("/readyz") == _CORDONED)

    def publish(self, media: Media, name: str) -> dict:
        with RtmpClient(media.rtmp_address) as client:
            client.connect("live")
            return client.publish(client.create_stream(), f"{name}?user={name}")

    def play(self, media: Media, name: str) -> dict:
        with RtmpClient(media.rtmp_address) as client:
            client.connect("live")
            return client.play(client.create_stream(), f"{name}?user=bob")

    def test_what_it_holds_goes_on_and_nothing_new_comes(self):
        source = make_source(self.folder / "source.flv", seconds=2)
        url = self.here.url("show", "alice")
        publisher = self.run_process("publisher", ffmpeg_publish_for_ever(source, url))
        self.wait_for_sessions(1, user_id="alice", states=["SESSION_STATE_ACTIVE"])
        self.cordon()
        refused = self.publish(self.here, "new")
        self.assertEqual(refused["code"], "NetStream.Publish.Denied")
        self.assertIn(f"; go to rtmp://{self.there.rtmp_address}", refused["description"])
        self.assertEqual(self.play(self.here, "other")["code"], "NetStream.Play.Failed")
        self.assertNotEqual(self.play(self.here, "show")["level"], "error")
        self.assertTrue(publisher.running)
        self.assertEqual(self.here.metric("weir_streams"), 1)
        wait_for("its age is reported", lambda: self.oldest_stream_seconds("here") > 0)
        self.assertEqual(self.oldest_stream_seconds("there"), 0)

        self.ask("UncordonInstance", instance_id="here")
        self.here.wait_ready()
        self.assertEqual(self.publish(self.here, "new")["code"], "NetStream.Publish.Start")

    def test_it_outlives_the_process(self):
        self.cordon()
        self.here.kill()
        self.here = self.keep(
            Media(self.folder, self.control.grpc_address, "--instance-id=here")
        )
        wait_for("it is cordoned again", lambda: self.here.get("/readyz") == _CORDONED)
        self.ask("UncordonInstance", instance_id="here")
        self.here.wait_ready()

    def test_cordons_and_freezes_outlive_control(self):
        self.cordon()
        self.ask("SetDrainFreeze", frozen=True, message="the final")
        self.control.kill()
        self.control = self.keep(self.control.start_again())
        self.control.wait_ready()
        listed = self.ask("ListInstances")
        self.assertEqual(listed["freeze"]["message"], "the final")
        cordoned = {each["instance_id"]: each.get("cordoned") for each in listed["instances"]}
        self.assertEqual(cordoned, {"here": True, "there": None})
        denied = self.ask("DrainInstance", instance_id="there", force=True)
        self.assertEqual(denied["denial"]["reason"], "DENIAL_REASON_FROZEN")


if __name__ == "__main__":
    main()
