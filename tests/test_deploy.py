"""What lies in deploy/ fits the app and Kubernetes' own schemas. No container is run here."""

import ast
import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.db import connection

from webapp.celery import QUEUES
from webapp.embedded import parts

DEPLOY = settings.BASE_DIR / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
SETTINGS_READ = re.compile(r'(?:env\.\w+|os\.environ\.get)\(\s*"([A-Z0-9_]+)"')
# Read by boto3 itself.
READ_BY_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def documents(*paths: Any) -> list[dict[str, Any]]:
    return [one for path in paths for one in yaml.safe_load_all(path.read_text()) if one]


MANIFESTS = documents(*(path for path in sorted(BASE.glob("*.yaml")) if "kustom" not in path.name))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


def container(workload: dict[str, Any]) -> dict[str, Any]:
    return workload["spec"]["template"]["spec"]["containers"][0]


def settings_read() -> set[str]:
    source = (settings.BASE_DIR / "webapp" / "settings.py").read_text()
    ast.parse(source)
    return set(SETTINGS_READ.findall(source))


@pytest.mark.parametrize(
    "one", MANIFESTS, ids=lambda one: f"{one['kind']} {one['metadata']['name']}"
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
    for workload in [*of_kind("Deployment").values(), *of_kind("Job").values()]:
        pod = workload["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
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


@pytest.mark.django_db
def test_the_question_that_scaling_asks_has_an_answer():
    [index, _] = documents(BASE.parent / "autoscaling" / "scaling.yaml")
    with connection.cursor() as cursor:
        cursor.execute(index["spec"]["triggers"][0]["metadata"]["query"])
        assert cursor.fetchone() == (0,)


def test_compose_runs_the_same_roles():
    [compose] = documents(DEPLOY / "compose.yaml")
    roles = of_kind("Deployment").keys() | {"migrate", "database", "queue"}
    assert compose["services"].keys() == roles
    for queue in QUEUES:
        ours = container(of_kind("Deployment")[queue])["args"]
        assert compose["services"][queue]["command"] == ours
        assert compose["services"][queue]["read_only"] is True


def test_what_is_set_is_a_setting():
    [config] = of_kind("ConfigMap").values()
    assert config["data"].keys() <= settings_read()


def test_every_setting_is_in_the_example_and_no_other():
    example = (settings.BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^#([A-Z0-9_]+)=", example, flags=re.MULTILINE))
    assert named - READ_BY_LIBRARIES == settings_read()
