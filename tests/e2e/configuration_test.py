"""Options of the real binaries: all mistakes at once, exit 2; taken ports; what is in force."""

import socket
import subprocess

from weir_e2e.case import EndToEndCase, main
from weir_e2e.services import BIN_DIR

BINARIES = ("weir-control", "weir-media")


class ConfigurationTest(EndToEndCase):
    def run_binary(self, binary: str, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(BIN_DIR / binary), *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def test_all_mistakes_are_told_at_once(self):
        for binary in BINARIES:
            with self.subTest(binary):
                done = self.run_binary(
                    binary,
                    "--metrics-listen=127.0.0.1:70000",
                    "--no-such-flag",
                    "--log-level=loud",
                    "--config=/nowhere.toml",
                )
                self.assertEqual(done.returncode, 2)
                for place in ("--metrics-listen", "--no-such-flag", "--log-level", "/nowhere.toml"):
                    self.assertIn(place, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 4, done.stderr)

    def test_check_config_only_checks(self):
        for binary in BINARIES:
            with self.subTest(binary):
                self.assertEqual(self.run_binary(binary, "--check-config").returncode, 0)
                done = self.run_binary(binary, "--check-config", "--log-level=loud")
                self.assertEqual(done.returncode, 2)

    def test_print_config_names_the_origin(self):
        file = self.folder / "weir.toml"
        file.write_text('[log]\nlevel = "debug"\n')
        for binary in BINARIES:
            with self.subTest(binary):
                done = self.run_binary(
                    binary, "--print-config", f"--config={file}", "--metrics-listen=127.0.0.1:1"
                )
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("log.level = 'debug'  # file", done.stdout)
                self.assertIn("metrics.listen = '127.0.0.1:1'  # flag", done.stdout)

    def test_a_certificate_that_cannot_be_read_is_told_with_the_rest(self):
        done = self.run_binary(
            "weir-media",
            "--check-config",
            "--rtmps-listen=127.0.0.1:0",
            "--tls-certificate=/nowhere.crt",
            "--tls-key=/nowhere.key",
            "--workers=0",
        )
        self.assertEqual(done.returncode, 2)
        for place in ("/nowhere.crt", "/nowhere.key", "--workers"):
            self.assertIn(place, done.stderr)

    def test_beyond_loopback_needs_a_word(self):
        for binary, flag in (
            ("weir-control", "--grpc-listen=0.0.0.0:0"),
            ("weir-media", "--rtmp-listen=0.0.0.0:0"),
        ):
            with self.subTest(binary):
                done = self.run_binary(binary, "--check-config", flag)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--insecure", done.stderr)
                self.assertEqual(
                    self.run_binary(binary, "--check-config", flag, "--insecure").returncode, 0
                )

    def test_healthcheck_asks_the_running_process(self):
        self.start_services()
        for service in (self.control, self.media):
            with self.subTest(service.name):
                admin = f"--metrics-listen={service.listener('metrics')}"
                done = self.run_binary(service.name, "--healthcheck", admin)
                self.assertEqual((done.returncode, done.stdout), (0, "alive\n"))
                self.assertEqual(service.terminate(), 0)
                done = self.run_binary(service.name, "--healthcheck", admin)
                self.assertEqual(done.returncode, 1)
                self.assertIn("does not answer", done.stdout)

    def test_a_taken_port_is_a_clear_error(self):
        control = self.start_control()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for binary, options in (
                ("weir-control", [f"--grpc-listen={address}", "--store=memory"]),
                ("weir-control", [f"--metrics-listen={address}", "--store=memory"]),
                ("weir-media", [f"--rtmp-listen={address}", "--metrics-listen=127.0.0.1:0"]),
                ("weir-media", [f"--metrics-listen={address}", "--rtmp-listen=127.0.0.1:0"]),
            ):
                with self.subTest(options[0]):
                    if binary == "weir-media":
                        options.append(f"--control={control.grpc_address}")
                    done = self.run_binary(binary, *options)
                    self.assertNotIn(done.returncode, (0, 2))
                    self.assertIn(address, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
