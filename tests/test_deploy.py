"""What lies in deploy/ fits the app and Kubernetes' own schemas. No container is run here."""

import ast
import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.db import connection

from webapp.celery import QUEUES, serve_queue
from webapp.embedded import parts, valkey

DEPLOY = settings.BASE_DIR / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
BACKUP = BASE.parent / "backup"
SETTINGS_READ = re.compile(r'(?:env\.\w+|os\.environ\.get)\(\s*"([A-Z0-9_]+)"')
# Read by boto3 itself.
READ_BY_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def documents(*paths: Any) -> list[dict[str, Any]]:
    return [one for path in paths for one in yaml.safe_load_all(path.read_text()) if one]


MANIFESTS = documents(*(path for path in sorted(BASE.glob("*.yaml")) if "kustom" not in path.name))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    spec = workload["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def container(workload: dict[str, Any]) -> dict[str, Any]:
    return pod_of(workload)["containers"][0]


def gibibytes_of_tmp(workload: dict[str, Any]) -> int:
    [tmp] = [one["emptyDir"] for one in pod_of(workload)["volumes"] if one["name"] == "tmp"]
    return int(tmp["sizeLimit"].removesuffix("Gi"))


def settings_read() -> set[str]:
    source = (settings.BASE_DIR / "webapp" / "settings.py").read_text()
    ast.parse(source)
    return set(SETTINGS_READ.findall(source))


@pytest.mark.parametrize(
    "one",
    [*MANIFESTS, *documents(BACKUP / "backup.yaml")],
    ids=lambda one: f"{one['kind']} {one['metadata']['name']}",
)
def test_kubernetes_takes_it(one):
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_in_its_kustomization():
    for folder in BASE.parent.iterdir():
        [kustomization] = documents(folder / "kustomization.yaml")
        listed = {name for name in kustomization["resources"] if not name.startswith("..")}
        assert listed == {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}


def test_every_queue_has_a_worker_that_runs_alone():
    deployments = of_kind("Deployment")
    assert {*QUEUES, "web", "clock"} == deployments.keys()
    for queue in QUEUES:
        command = container(deployments[queue])["args"]
        assert command[command.index("--queues") + 1] == queue
        ours = parts.worker(queue, [queue]).command
        assert {"--pool", "solo", "--without-mingle", "--without-gossip"} <= {*ours} & {*command}


def test_nothing_runs_as_root_or_writes_where_it_should_not():
    [_, backup] = documents(BACKUP / "backup.yaml")
    for workload in [*of_kind("Deployment").values(), *of_kind("Job").values(), backup]:
        assert pod_of(workload)["securityContext"]["runAsNonRoot"] is True
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container(workload)["resources"]["limits"]


def test_all_but_the_clock_are_probed():
    for name, deployment in of_kind("Deployment").items():
        probes = {key for key in container(deployment) if key.endswith("Probe")}
        assert {"readinessProbe", "livenessProbe"} <= probes or name == "clock"


def test_scaling_and_gpus_are_for_workers_that_there_are():
    names = of_kind("Deployment").keys()
    [gpu] = documents(BASE.parent / "gpu" / "kustomization.yaml")
    assert {patch["target"]["name"] for patch in gpu["patches"]} <= names
    for patch in gpu["patches"]:
        [operation] = yaml.safe_load(patch["patch"])
        assert operation["path"].endswith("/limits/nvidia.com~1gpu")
    scaled = documents(BASE.parent / "autoscaling" / "scaling.yaml")
    assert {one["spec"]["scaleTargetRef"]["name"] for one in scaled} <= names


def test_a_model_of_its_own_is_served_as_all_others_are():
    split = BASE.parent / "split"
    [own] = documents(split / "serve-rex.yaml")
    kubernetes_validate.validate(own, kubernetes_validate.latest_version(), strict=True)
    [kustomization] = documents(split / "kustomization.yaml")
    [operation] = yaml.safe_load(kustomization["patches"][0]["patch"])
    lane = operation["value"].partition("=")[2]
    assert operation["path"] == "/data/PUPIL_SERVE_ROUTES"
    common = of_kind("Deployment")["serve"]
    ours = dict(container(common))
    ours["args"] = [serve_queue(lane) if word == "serve" else word for word in ours["args"]]
    assert container(own) | {"name": "serve"} == ours
    assert own["metadata"]["name"] == f"serve-{lane}"
    labels = own["spec"]["selector"]["matchLabels"]
    assert labels == own["spec"]["template"]["metadata"]["labels"]
    assert labels != common["spec"]["selector"]["matchLabels"]


@pytest.mark.django_db
def test_the_question_that_scaling_asks_has_an_answer():
    [index, _] = documents(BASE.parent / "autoscaling" / "scaling.yaml")
    with connection.cursor() as cursor:
        cursor.execute(index["spec"]["triggers"][0]["metadata"]["query"])
        assert cursor.fetchone() == (0,)


def test_compose_runs_the_same_roles():
    [compose] = documents(DEPLOY / "compose.yaml")
    roles = of_kind("Deployment").keys() | {"migrate", "database", "queue", "scratch"}
    assert compose["services"].keys() == roles
    for queue in QUEUES:
        ours = container(of_kind("Deployment")[queue])["args"]
        assert compose["services"][queue]["command"] == ours
        assert compose["services"][queue]["read_only"] is True


@pytest.mark.parametrize("name", ["inspect", "transfer", "backup"])
def test_who_reads_data_sets_has_room_for_the_largest(name):
    [_, backup] = documents(BACKUP / "backup.yaml")
    assert gibibytes_of_tmp((of_kind("Deployment") | {"backup": backup})[name]) > (
        settings.MAX_IMPORT_BYTES // 2**30
    )
    [compose] = documents(DEPLOY / "compose.yaml")
    for service in compose["services"].values():
        assert "/tmp" not in service.get("tmpfs", [])  # noqa: S108  it would fill the memory


def test_pictures_that_are_only_tried_meet_no_disk():
    [compose] = documents(DEPLOY / "compose.yaml")
    where = compose["services"]["web"]["environment"]
    assert "@scratch:" in where["PUPIL_SCRATCH_URL"]
    ours = valkey.scratch(settings.PUPIL_HOME).command
    theirs = compose["services"]["scratch"]["command"]
    for option in ("--appendonly", "--save", "--maxmemory", "--maxmemory-policy"):
        assert theirs[theirs.index(option) + 1] == ours[ours.index(option) + 1]


def test_the_secret_names_settings():
    named = set(re.findall(r"--from-literal=(\w+)", (BASE / "kustomization.yaml").read_text()))
    assert named - READ_BY_LIBRARIES < settings_read()
    assert {"DATABASE_URL", "REDIS_URL", "PUPIL_SCRATCH_URL", "PUPIL_SECRET_KEY"} < named


def test_what_the_image_may_hold_besides_is_there():
    said = [DEPLOY / "Dockerfile", DEPLOY / "compose.yaml"]
    for extras in re.findall(r'EXTRAS="([a-z -]+)"', "".join(path.read_text() for path in said)):
        for extra in extras.split():
            assert (settings.BASE_DIR / f"requirements-{extra}.txt").exists()


def test_what_is_set_is_a_setting():
    [config] = of_kind("ConfigMap").values()
    assert config["data"].keys() <= settings_read()


def test_every_setting_is_in_the_example_and_no_other():
    example = (settings.BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^#([A-Z0-9_]+)=", example, flags=re.MULTILINE))
    assert named - READ_BY_LIBRARIES == settings_read()
