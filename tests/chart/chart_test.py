"""The chart's objects as helm renders them: valid for Kubernetes, safe, and of one mind."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml
from weir_chart import (
    CHART,
    NAMESPACE,
    ROOT,
    VALUE_SETS,
    VALUES,
    find,
    helm_template,
    pod_templates,
    refusal,
    rendered,
    rendered_text,
    run,
)

SCHEMAS = ROOT / ".cache" / "schemas"
# What is left out on purpose, and why.
SCORE_EXCEPTIONS = {
    "container-ephemeral-storage-request-and-limit": "the root is read-only and nothing is written",
    "container-image-pull-policy": "images are named by digest or by a release's tag",
}
# What single value sets ask for against better knowledge.
ASKED_FOR = {
    "single": {
        "pod-networkpolicy": "networkPolicy.enabled is false",
        "deployment-replicas": "media.replicas is 1",
        "service-type": "media.service.type is NodePort",
    },
}
NAMES = [path.stem for path in VALUE_SETS]


class EveryValueSet(unittest.TestCase):
    """What holds however the chart is configured."""

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(NAMES), 8)

    def test_lint(self):
        for path in VALUE_SETS:
            with self.subTest(path.stem):
                done = run("helm", "lint", "--strict", str(CHART), "--values", str(path))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_kubernetes_and_the_operator_know_every_field(self):
        self.assertTrue(SCHEMAS.is_dir(), f"{SCHEMAS} is missing; run ./weir deps")
        location = f"{SCHEMAS}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        everything = "\n---\n".join(rendered_text(name) for name in NAMES)
        done = run(
            "kubeconform", "-strict", "-summary", "-output", "json", "-schema-location", location,
            text=everything,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        summary = json.loads(done.stdout)["summary"]
        self.assertGreater(summary.pop("valid"), 10 * len(NAMES))
        self.assertEqual(summary, {"invalid": 0, "errors": 0, "skipped": 0})

    def test_kubeconform_sees_a_mistake(self):
        location = f"{SCHEMAS}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        broken = rendered_text("monitored").replace("serviceName:", "servicename:", 1)
        done = run("kubeconform", "-strict", "-schema-location", location, text=broken)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("servicename", done.stdout + done.stderr)

    def test_score(self):
        for name in NAMES:
            with self.subTest(name):
                ignored = [f"--ignore-test={test}" for test in SCORE_EXCEPTIONS | ASKED_FOR.get(name, {})]
                done = run(
                    "kube-score", "score", "--kubernetes-version", "v1.29", "--output-format", "ci",
                    # Throttled media is late media; memory is limited.
                    "--ignore-container-cpu-limit", *ignored, "-", text=rendered_text(name),
                )  # fmt: skip
                complaints = [
                    line for line in done.stdout.splitlines()
                    if line.startswith(("[CRITICAL]", "[WARNING]"))
                ]  # fmt: skip
                self.assertEqual(complaints, [])

    def test_pods_are_restricted(self):
        for name in NAMES:
            for owner, _, pod in pod_templates(rendered(name)):
                with self.subTest(name, owner=owner["metadata"]["name"]):
                    security = pod["securityContext"]
                    self.assertIs(security["runAsNonRoot"], True)
                    self.assertEqual(security["runAsUser"], 10001)
                    self.assertEqual(security["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertIs(pod["automountServiceAccountToken"], False)
                    self.assertIs(pod["enableServiceLinks"], False)
                    for namespace in ("hostNetwork", "hostPID", "hostIPC"):
                        self.assertNotIn(namespace, pod)
                    for container in pod["containers"]:
                        self.assertEqual(
                            container["securityContext"],
                            {
                                "allowPrivilegeEscalation": False,
                                "readOnlyRootFilesystem": True,
                                "capabilities": {"drop": ["ALL"]},
                            },
                        )

    def test_selectors_match(self):
        for name in NAMES:
            objects = rendered(name)
            pods = [(owner["kind"], labels) for owner, labels, _ in pod_templates(objects)]
            for selected in self._selectors(objects):
                with self.subTest(name, selector=selected):
                    matched = [labels for _, labels in pods if selected.items() <= labels.items()]
                    # Pods of one service, never of both.
                    self.assertEqual(
                        len({labels["app.kubernetes.io/component"] for labels in matched}), 1
                    )

    @staticmethod
    def _selectors(objects: list[dict]):
        for each in objects:
            spec = each.get("spec", {})
            if each["kind"] == "Service":
                yield spec["selector"]
            elif each["kind"] == "NetworkPolicy":
                yield spec["podSelector"]["matchLabels"]
            elif each["kind"] == "ServiceMonitor":
                continue
            elif "matchLabels" in (spec.get("selector") or {}):
                yield spec["selector"]["matchLabels"]

    def test_service_ports_are_the_pods_own(self):
        for name in NAMES:
            objects = rendered(name)
            pods = list(pod_templates(objects))
            for service in (each for each in objects if each["kind"] == "Service"):
                selector = service["spec"]["selector"].items()
                ports = {
                    port["name"]
                    for _, labels, pod in pods if selector <= labels.items()
                    for container in pod["containers"] for port in container.get("ports", [])
                }  # fmt: skip
                with self.subTest(name, service=service["metadata"]["name"]):
                    targets = {port["targetPort"] for port in service["spec"]["ports"]}
                    self.assertLessEqual(targets, ports)

    def test_objects_are_in_the_namespace_and_named_once(self):
        for name in NAMES:
            with self.subTest(name):
                objects = [each for each in rendered(name) if each["metadata"]["name"] != "weir-note"]
                self.assertEqual({each["metadata"]["namespace"] for each in objects}, {NAMESPACE})
                named = [(each["kind"], each["metadata"]["name"]) for each in objects]
                self.assertEqual(len(named), len(set(named)))


class Drain(unittest.TestCase):
    """One value, and what follows from it."""

    def grace_period(self, values: str) -> int:
        pod = find(rendered(values), "Deployment", "weir-media")["spec"]["template"]["spec"]
        return pod["terminationGracePeriodSeconds"]

    def test_the_pod_lives_longer_than_the_drain(self):
        for values, budget in (("minimal", 3600), ("by-cpu", 600), ("single", 20)):
            with self.subTest(values):
                self.assertEqual(self.grace_period(values), budget + 30)

    def test_both_programs_have_the_same_budget(self):
        for values, budget in (("minimal", 3600), ("by-cpu", 600)):
            objects = rendered(values)
            media = find(objects, "ConfigMap", "weir-media")["data"]
            control = find(objects, "ConfigMap", "weir-control")["data"]
            self.assertEqual(media["WEIR_DRAIN_DEADLINE"], f"{budget}s")
            self.assertEqual(control["WEIR_SHUTDOWN_DEADLINE"], f"{budget}s")
            self.assertEqual(control["WEIR_SHUTDOWN_MIGRATE_AFTER"], f"{budget // 2}s")

    def test_control_has_the_time_that_its_calls_may_take(self):
        for values, seconds in (("minimal", 30), ("settings", 45)):
            pod = find(rendered(values), "StatefulSet", "weir-control")["spec"]["template"]["spec"]
            self.assertEqual(pod["terminationGracePeriodSeconds"], seconds)

    def test_pre_stop_is_a_command_that_the_program_has(self):
        template = find(rendered("minimal"), "Deployment", "weir-media")["spec"]["template"]
        [container] = template["spec"]["containers"]
        program, command = container["lifecycle"]["preStop"]["exec"]["command"]
        self.assertEqual(program, "/usr/bin/weir-media")
        shown = subprocess.run(
            [str(Path(os.environ["WEIR_BIN_DIR"]) / "weir-media"), "--help"],
            check=True, capture_output=True, text=True, timeout=30,
        ).stdout  # fmt: skip
        self.assertIn(f"\n  {command}\n", shown)

    def test_a_budget_that_the_cluster_cuts_short_is_refused(self):
        said = refusal(media={"drain": {"maxSeconds": 601, "clusterLimitSeconds": 630}})
        self.assertIn("media.drain.maxSeconds does not fit", said)
        self.assertIn("set media.drain.maxSeconds to at most 600", said)
        said = refusal(media={"drain": {"maxSeconds": 20, "clusterLimitSeconds": 49}})
        self.assertIn("raise the cluster's limit to 50 or more", said)

    def test_rollouts_take_no_pod_before_another_is_ready(self):
        strategy = find(rendered("minimal"), "Deployment", "weir-media")["spec"]["strategy"]
        self.assertEqual(strategy["rollingUpdate"], {"maxUnavailable": 0, "maxSurge": "25%"})

    def test_autoscalers_of_nodes_are_told(self):
        template = find(rendered("minimal"), "Deployment", "weir-media")["spec"]["template"]
        annotations = template["metadata"]["annotations"]
        self.assertEqual(annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"], "false")
        self.assertEqual(annotations["karpenter.sh/do-not-disrupt"], "true")

    def test_a_new_version_of_the_chart_alone_replaces_no_pod(self):
        for _, labels, _ in pod_templates(rendered("by-cpu")):
            if labels["app.kubernetes.io/component"] != "test":
                self.assertNotIn("helm.sh/chart", labels)
                self.assertNotIn("app.kubernetes.io/version", labels)

    def test_a_changed_setting_restarts_media_only_when_asked(self):
        def checksum(values):
            template = find(rendered(values), "Deployment", "weir-media")["spec"]["template"]
            return template["metadata"]["annotations"].get("checksum/config")

        self.assertIsNone(checksum("minimal"))
        self.assertRegex(checksum("settings"), "^[0-9a-f]{64}$")

    def test_budget_for_disruptions(self):
        budget = find(rendered("minimal"), "PodDisruptionBudget", "weir-media")["spec"]
        self.assertEqual(budget["maxUnavailable"], 1)
        kinds = {each["kind"] for each in rendered("single")}
        self.assertNotIn("PodDisruptionBudget", kinds)


class Refusals(unittest.TestCase):
    """Values that helm refuses, with a sentence that says what to change."""

    # Options whose bounds are not all that counts.
    FIT_OTHERS = (
        "shutdown-grace", "instance-lifetime", "instance-lease", "instance-report-interval",
        "session-phase", "session-start-timeout",
    )  # fmt: skip

    def test_sentences(self):
        for values, sentence in (
            ({"insecure": False}, "neither TLS between the services nor credentials"),
            ({"control": {"replicas": 2}}, "the embedded store is a file that one process owns"),
            ({"media": {"rtmps": {"enabled": True}}}, "set media.rtmps.existingSecret"),
            (
                {"media": {"rtmps": {"enabled": True, "existingSecret": "tls", "port": 1935}}},
                "set media.rtmps.port to another",
            ),
            (
                {"media": {"autoscaling": {"enabled": True, "minReplicas": 9, "maxReplicas": 3}}},
                "raise maxReplicas",
            ),
            (
                {"media": {"autoscaling": {"enabled": True, "cpuUtilization": 0}}},
                "set cpuUtilization, or streams.enabled",
            ),
            (
                {"media": {"autoscaling": {"enabled": True, "streams": {"enabled": True}}}},
                "set media.options.limit-publishers",
            ),
            (
                {"media": {"extraEnv": [{"name": "WEIR_DRAIN_DEADLINE", "value": "9h"}]}},
                "media.extraEnv sets WEIR_DRAIN_DEADLINE, past the chart's checks",
            ),
            (
                {"control": {"extraEnv": [{"name": "WEIR_SESSION_PHASE", "value": "9h"}]}},
                "set control.options.session-phase instead",
            ),
        ):
            with self.subTest(sentence):
                self.assertIn(sentence, refusal(**values))

    def test_quantities_within_their_bounds(self):
        phase = "set it to something from 100ms to 1h"
        units = "write a whole number and its unit"
        for service, flag, value, sentence in (
            ("control", "session-phase", "-5s", f"no duration: {units} (d, h, m, ms, s), 100ms to 1h"),
            ("control", "session-phase", "2h", phase),
            ("control", "session-phase", "99ms", phase),
            ("control", "session-phase", "0", phase),
            ("control", "session-phase", "10", "no duration"),
            ("control", "session-phase", "1.5s", "no duration"),
            ("control", "stop-timeout", "9" * 40 + "h", "no duration"),
            ("control", "stop-timeout", "366d", "set it to something from 0 to 365d"),
            ("media", "instance-lifetime", "10000d", "set it to something from 0 to 365d"),
            ("media", "limit-message", "17MiB", "set it to something from 64KiB to 16MiB"),
            ("media", "limit-message", "16MB", f"no size: {units} (B, GiB, KiB, MiB), 64KiB to 16MiB"),
        ):
            with self.subTest(f"{flag}={value}"):
                said = refusal(**{service: {"options": {flag: value}}})
                self.assertIn(f"{service}.options.{flag} is {value}", said)
                self.assertIn(sentence, said)

    def test_bounds_themselves_are_taken(self):
        quantities = yaml.safe_load((CHART / "quantities.yaml").read_text())
        self.assertGreater(len(quantities["control"]) + len(quantities["media"]), 30)
        for bound in (0, 1):
            values = {
                service: {
                    "options": {
                        flag: each["bounds"].split(" to ")[bound]
                        for flag, each in quantities[service].items() if flag not in self.FIT_OTHERS
                    }
                }
                for service in ("control", "media")
            }  # fmt: skip
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump({"insecure": True, **values}, file)
                file.flush()
                done = helm_template(Path(file.name))
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_durations_that_do_not_fit_each_other(self):
        for values, sentence in (
            (
                {"control": {"options": {"shutdown-grace": "301s"}}, "media": {"drain": {"maxSeconds": 600}}},
                "control.options.shutdown-grace is 301s, but streams are to be moved after 300 s",
            ),
            (
                {"media": {"options": {"instance-lifetime": "59m"}}},
                "media.options.instance-lifetime is 59m, but a pod may take 3600 s to go",
            ),
            (
                {"control": {"options": {"instance-report-interval": "3s"}}},
                "control.options.instance-lease is 15 s and instance-report-interval 3 s",
            ),
            ({"control": {"options": {"instance-lease": "10s"}}}, "at least 7 times the interval"),
            ({"control": {"options": {"instance-lease": "21s"}}}, "outlive a silence of 20 s only"),
            ({"control": {"options": {"session-phase": "4s"}}}, "outlive a silence of 14 s only"),
            ({"control": {"options": {"session-idle-phases": 1, "session-phase": "9s"}}}, "of 13.5 s only"),
        ):
            with self.subTest(sentence):
                self.assertIn(sentence, refusal(**values))

    def test_unknown_keys_and_wrong_types(self):
        for values, place, change in (
            ({"contol": {}}, "''", "'contol' not allowed"),
            ({"media": {"replica": 3}}, "/media", "'replica' not allowed"),
            ({"media": {"replicas": "three"}}, "/media/replicas", "want integer"),
            ({"media": {"replicas": -1}}, "/media/replicas", "want 0"),
            ({"media": {"drain": {"maxSeconds": "1h"}}}, "/media/drain/maxSeconds", "want integer"),
            ({"media": {"drain": {"maxSeconds": 5}}}, "/media/drain/maxSeconds", "want 20"),
            ({"media": {"options": {"no-such-flag": 1}}}, "/media/options", "'no-such-flag' not allowed"),
            ({"media": {"options": {"egress-merge-max": "soon"}}}, "egress-merge-max", "'^-?[0-9]'"),
            ({"media": {"options": {"egress-merge-max": 50}}}, "egress-merge-max", "want string"),
            ({"media": {"options": {"rtmp-listen": "0.0.0.0:1"}}}, "/media/options", "'rtmp-listen'"),
            ({"media": {"service": {"type": "Ingress"}}}, "/media/service/type", "'LoadBalancer'"),
            ({"control": {"image": {"digest": "latest"}}}, "/control/image/digest", "sha256:"),
            ({"control": {"options": {"session-max-play": 10001}}}, "session-max-play", "want 10,000"),
            ({"control": {"store": {"type": "redis"}}}, "/control/store/type", "must be 'embedded'"),
            ({"control": {"store": {"embedded": {"size": "big"}}}}, "/embedded/size", "(Mi|Gi|Ti)"),
        ):
            with self.subTest(str(values)):
                said = refusal(**values)
                self.assertRegex(said, f"at '.*{re.escape(place.strip(chr(39)))}'")
                self.assertIn(change, said)


class Settings(unittest.TestCase):
    """The variables that the pods get are ones that the programs read."""

    def setUp(self):
        # What is mounted from a Secret of type kubernetes.io/tls.
        folder = tempfile.TemporaryDirectory(prefix="weir-tls-")
        self.addCleanup(folder.cleanup)
        self.certificates = folder.name
        for name in ("tls.crt", "tls.key"):
            (Path(folder.name) / name).touch()

    def test_every_variable_is_an_option_with_a_good_value(self):
        binaries = Path(os.environ["WEIR_BIN_DIR"])
        for name in NAMES:
            objects = rendered(name)
            for service in ("control", "media"):
                variables = self._variables(objects, service)
                done = subprocess.run(
                    [str(binaries / f"weir-{service}"), "--print-config"],
                    env=variables, capture_output=True, text=True, check=False, timeout=30,
                )  # fmt: skip
                with self.subTest(name, service=service):
                    self.assertEqual(done.returncode, 0, done.stderr)
                    # Each one has arrived.
                    self.assertEqual(done.stdout.count("# environment"), len(variables))

    def _variables(self, objects: list[dict], service: str) -> dict[str, str]:
        variables = {}
        for owner, labels, pod in pod_templates(objects):
            if labels["app.kubernetes.io/component"] != service or owner["kind"] == "Pod":
                continue
            container = pod["containers"][0]
            for source in container["envFrom"]:
                variables |= find(objects, "ConfigMap", source["configMapRef"]["name"])["data"]
            for mount in container.get("volumeMounts", []):
                if mount["name"] == "tls":
                    variables = {
                        name: value.replace(mount["mountPath"], self.certificates)
                        for name, value in variables.items()
                    }
            for each in container.get("env", []):
                # As Kubernetes would fill it in.
                value = each.get("value", "pod-0").replace("$(POD_IP)", "::1")
                variables[each["name"]] = value if "[" in value else value.replace("::1", "10.0.0.1")
        return {name: value for name, value in variables.items() if name.startswith("WEIR_")}

    def test_large_numbers_stay_whole(self):
        settings = find(rendered("settings"), "ConfigMap", "weir-media")["data"]
        self.assertEqual(settings["WEIR_LIMIT_PLAYERS"], "10000000")

    def test_ipv6_addresses_are_in_brackets(self):
        objects = rendered("ipv6")
        self.assertEqual(
            find(objects, "ConfigMap", "weir-control")["data"]["WEIR_GRPC_LISTEN"], "[::]:7070"
        )
        container = find(objects, "Deployment", "weir-media")["spec"]["template"]["spec"]["containers"][0]
        relay = [each for each in container["env"] if each["name"] == "WEIR_ADVERTISE_RELAY"]
        self.assertEqual(relay[0]["value"], "[$(POD_IP)]:1935")

    def test_media_calls_the_control_of_its_release(self):
        for values, control in (("minimal", "weir-control"), ("names", "live-control")):
            objects = rendered(values)
            media = find(objects, "ConfigMap", control.replace("control", "media"))["data"]
            service = find(objects, "Service", control)
            port = service["spec"]["ports"][0]["port"]
            self.assertEqual(media["WEIR_CONTROL"], f"{control}.{NAMESPACE}.svc:{port}")


class Parts(unittest.TestCase):
    """What single values bring."""

    def image(self, values: str, service: str) -> str:
        for owner, labels, pod in pod_templates(rendered(values)):
            if labels["app.kubernetes.io/component"] == service:
                return pod["containers"][0]["image"]
        raise AssertionError(f"no pod of {service}")

    def test_images(self):
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
        self.assertEqual(self.image("minimal", "media"), f"weir/media:{version}")
        self.assertEqual(self.image("pinned", "media"), "registry.example.com/video/weir/media:1.2.3")
        self.assertRegex(
            self.image("pinned", "control"),
            "^registry.example.com/video/weir/control@sha256:[0-9a-f]{64}$",
        )

    def test_versions_are_the_programs(self):
        project = (ROOT / "CMakeLists.txt").read_text()
        version = re.search(r"project\(weir VERSION ([0-9.]+)", project)[1]
        self.assertEqual(yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"], version)

    def test_an_autoscaled_fleet_has_no_replicas(self):
        for values in ("by-cpu", "by-streams"):
            objects = rendered(values)
            self.assertNotIn("replicas", find(objects, "Deployment", "weir-media")["spec"])

    def test_the_autoscaler_goes_by_load_and_takes_pods_away_slowly(self):
        by_streams, by_cpu = (
            find(rendered(values), "HorizontalPodAutoscaler", "weir-media")["spec"]
            for values in ("by-streams", "by-cpu")
        )
        [metric] = by_streams["metrics"]
        self.assertEqual(metric["external"]["metric"], {"name": "weir_media_load_ratio"})
        self.assertEqual(metric["external"]["target"], {"type": "Value", "value": "0.65"})
        [metric] = by_cpu["metrics"]
        target = {"type": "Utilization", "averageUtilization": 70}
        self.assertEqual(metric["resource"], {"name": "cpu", "target": target})
        self.assertEqual((by_cpu["minReplicas"], by_cpu["maxReplicas"]), (3, 30))
        self.assertEqual(
            by_cpu["behavior"]["scaleDown"],
            {
                "stabilizationWindowSeconds": 600,
                "policies": [{"type": "Pods", "value": 1, "periodSeconds": 300}],
            },
        )

    def test_the_embedded_store_is_on_a_volume_that_stays(self):
        stateful = find(rendered("minimal"), "StatefulSet", "weir-control")["spec"]
        self.assertEqual(stateful["replicas"], 1)
        self.assertEqual(stateful["persistentVolumeClaimRetentionPolicy"]["whenDeleted"], "Retain")
        claim = stateful["volumeClaimTemplates"][0]
        mounts = stateful["template"]["spec"]["containers"][0]["volumeMounts"]
        self.assertEqual(claim["metadata"]["name"], mounts[0]["name"])
        path = find(rendered("minimal"), "ConfigMap", "weir-control")["data"]["WEIR_STORE_PATH"]
        self.assertTrue(path.startswith(mounts[0]["mountPath"] + "/"))
        restored = find(rendered("restore"), "StatefulSet", "weir-control")["spec"]
        self.assertNotIn("volumeClaimTemplates", restored)
        volumes = restored["template"]["spec"]["volumes"]
        self.assertEqual(volumes[0]["persistentVolumeClaim"], {"claimName": "sessions"})

    def test_the_pod_of_the_documentation_restores_a_backup(self):
        """What docs/operating.md shows, against the chart's claim, image and security."""
        page = (ROOT / "docs" / "operating.md").read_text()
        [manifest] = re.findall(r"```yaml\n(# restore\.yaml\n.*?)```", page, re.DOTALL)
        location = f"{SCHEMAS}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
        done = run("kubeconform", "-strict", "-schema-location", location, text=manifest)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        pod = yaml.safe_load(manifest)["spec"]
        control = find(rendered("minimal"), "StatefulSet", "weir-control")["spec"]
        [container], [chart_container] = pod["containers"], control["template"]["spec"]["containers"]
        self.assertEqual(container["image"], chart_container["image"])
        self.assertEqual(container["securityContext"], chart_container["securityContext"])
        self.assertEqual(container["volumeMounts"], chart_container["volumeMounts"])
        claim = control["volumeClaimTemplates"][0]["metadata"]["name"]
        [volume] = pod["volumes"]
        self.assertEqual(volume["persistentVolumeClaim"], {"claimName": f"{claim}-weir-control-0"})

    def test_liveness_is_the_process_alone(self):
        for _, _, pod in pod_templates(rendered("minimal")):
            for container in pod["containers"]:
                if "livenessProbe" in container:
                    self.assertEqual(container["livenessProbe"]["httpGet"]["path"], "/livez")
                    self.assertEqual(container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_only_media_and_named_clients_call_control(self):
        policy = find(rendered("settings"), "NetworkPolicy", "weir-control")["spec"]
        peers = policy["ingress"][0]["from"]
        self.assertEqual(policy["ingress"][0]["ports"][0]["port"], "grpc")
        self.assertEqual(peers[1:], [{"podSelector": {"matchLabels": {"app": "backend"}}}])
        media = find(rendered("settings"), "Deployment", "weir-media")["spec"]["selector"]
        self.assertEqual(peers[0]["podSelector"], media)
        self.assertEqual(policy["policyTypes"], ["Ingress", "Egress"])
        self.assertNotIn("egress", policy)

    def test_who_calls_others_finds_their_names(self):
        objects = rendered("minimal")
        names = {"ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]}
        for pods in ("weir-media", "weir-test"):
            self.assertIn(names, find(objects, "NetworkPolicy", pods)["spec"]["egress"])

    def test_metrics_are_read_by_named_peers_and_the_tests(self):
        everybody = {"namespaceSelector": {}}
        named = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
        for values, reader in (("minimal", everybody), ("monitored", named)):
            objects = rendered(values)
            tests = find(objects, "NetworkPolicy", "weir-test")["spec"]["podSelector"]
            for service in ("weir-control", "weir-media"):
                ingress = find(objects, "NetworkPolicy", service)["spec"]["ingress"]
                [rule] = [each for each in ingress if each["ports"][0]["port"] == "metrics"]
                self.assertEqual(rule["from"], [{"podSelector": tests}, reader])

    def test_helm_test_asks_services_that_are_there(self):
        objects = rendered("minimal")
        pods = [each for each in objects if each["kind"] == "Pod"]
        self.assertEqual(len(pods), 2)
        for pod in pods:
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            command, address = pod["spec"]["containers"][0]["args"]
            self.assertEqual(command, "--healthcheck")
            name, port = address.removeprefix("--metrics-listen=").split(":")
            ports = find(objects, "Service", name)["spec"]["ports"]
            self.assertIn(int(port), [each["port"] for each in ports])

    def test_pods_relay_streams_to_each_other(self):
        """At the pod's own address, also where encoders are sent through a balancer."""
        for values in ("minimal", "rtmps", "names"):
            objects = rendered(values)
            [media] = [
                each for each in objects
                if each["kind"] == "Deployment" and each["metadata"]["name"].endswith("-media")
            ]  # fmt: skip
            [container] = media["spec"]["template"]["spec"]["containers"]
            variables = {each["name"]: each for each in container["env"]}
            self.assertEqual(variables["WEIR_ADVERTISE_RELAY"]["value"], "$(POD_IP):1935")
            self.assertEqual(
                variables["POD_IP"]["valueFrom"], {"fieldRef": {"fieldPath": "status.podIP"}}
            )
            ports = {each["name"]: each["containerPort"] for each in container["ports"]}
            self.assertEqual(ports["rtmp"], 1935)
            self._assert_reach_each_other(objects, media)

    def _assert_reach_each_other(self, objects: list[dict], media: dict) -> None:
        policy = find(objects, "NetworkPolicy", media["metadata"]["name"])["spec"]
        pods = {"podSelector": media["spec"]["selector"]}
        rtmp = {"port": "rtmp", "protocol": "TCP"}
        self.assertIn({"ports": [rtmp], "to": [pods]}, policy["egress"])
        self.assertTrue(
            any(rtmp in rule["ports"] and "from" not in rule for rule in policy["ingress"])
        )

    def test_the_address_of_clients_is_kept(self):
        service = find(rendered("minimal"), "Service", "weir-media")["spec"]
        self.assertEqual(service["type"], "LoadBalancer")
        self.assertEqual(service["externalTrafficPolicy"], "Local")

    def test_monitors_take_the_names_that_control_uses(self):
        objects = rendered("monitored")
        self.assertIs(
            find(objects, "ServiceMonitor", "weir-control")["spec"]["endpoints"][0]["honorLabels"], True
        )
        selected = find(objects, "ServiceMonitor", "weir-control")["spec"]["selector"]["matchLabels"]
        services = [
            each["metadata"]["name"] for each in objects
            if each["kind"] == "Service" and selected.items() <= each["metadata"]["labels"].items()
        ]  # fmt: skip
        # One of the two that lead to control, or its series would be there twice.
        self.assertEqual(services, ["weir-control"])

    def test_rules_and_dashboard_are_the_files(self):
        objects = rendered("monitored")
        rules = yaml.safe_load((CHART / "rules" / "weir.yaml").read_text())
        self.assertEqual(find(objects, "PrometheusRule", "weir")["spec"], rules)
        dashboard = json.loads((CHART / "dashboards" / "weir.json").read_text())
        shown = find(objects, "ConfigMap", "weir-dashboard")["data"]["weir.json"]
        self.assertEqual(json.loads(shown), dashboard)


class Notes(unittest.TestCase):
    """What helm says after an installation. It shows that only with a cluster at hand, so here a
    copy of the chart has it as an object."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="weir-notes-")
        cls.chart = Path(cls.folder.name) / "weir"
        shutil.copytree(CHART, cls.chart)
        notes = cls.chart / "templates" / "NOTES.txt"
        (cls.chart / "templates" / "shown.yaml").write_text(
            f'{{{{ define "shown" }}}}{notes.read_text()}{{{{ end }}}}\n'
            'kind: Shown\ntext: {{ include "shown" . | toJson }}\n'
        )
        notes.unlink()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def shown(self, values: str) -> str:
        done = helm_template(values, "--show-only", "templates/shown.yaml", chart=self.chart)
        self.assertEqual(done.returncode, 0, done.stderr)
        return yaml.safe_load(done.stdout)["text"]

    def test_autoscalers_are_told_the_budget(self):
        text = self.shown(VALUES / "by-cpu.yaml")
        self.assertIn("gets 600 s for its streams", text)
        self.assertIn("--max-graceful-termination-sec=630", text)

    def test_addresses(self):
        self.assertIn("rtmp://ADDRESS:1935/live", self.shown(VALUES / "minimal.yaml"))
        self.assertIn("weir-control.video.svc:7070", self.shown(VALUES / "minimal.yaml"))
        self.assertIn("rtmps://ADDRESS:443/live", self.shown(VALUES / "rtmps.yaml"))

    def test_what_is_missing_is_said(self):
        self.assertIn("media.advertise.rtmp is not set", self.shown(VALUES / "minimal.yaml"))
        self.assertNotIn("media.advertise.rtmp is not set", self.shown(VALUES / "rtmps.yaml"))
        self.assertIn("name others in control.clients", self.shown(VALUES / "minimal.yaml"))
        self.assertIn("weir:media_load:ratio", self.shown(VALUES / "by-streams.yaml"))
        self.assertIn("(OFF)", self.shown(VALUES / "single.yaml"))


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv)
