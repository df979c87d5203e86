"""What lies in deploy/ fits the app and Kubernetes' own schemas. No container is run here."""

import re

import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.db import connection

from tests.manifests import (
    BACKUP,
    BASE,
    DEPLOY,
    MANIFESTS,
    RESTORE,
    bytes_of,
    compose,
    container,
    documents,
    of_kind,
    pod_of,
    volume_bytes,
    workloads,
)
from webapp import events
from webapp.celery import QUEUES, serve_queue
from webapp.embedded import parts, valkey
from webapp.selectors import near

_SERVERS = {"database", "queue", "scratch"}
# Rows of a project of a million pictures, on their way into a zip.
_SNAPSHOT_BYTES = 8 * 2**30
_NETWORKS_BYTES = 4 * 2**30
# What workers were seen to take, with a little room, and a decoder at most.
_WORKER_MB = {"index": 750, "serve": 550, "serve-rex": 550, "transfer": 700, "refine": 2300}
_DECODER_MB = 800


def worker_options(queue: str) -> list[str]:
    """Return how `make run` starts a worker, from `celery` on."""
    command = parts.worker(queue, [queue]).command
    return list(command[command.index("celery") :])


@pytest.mark.parametrize(
    "one",
    [*MANIFESTS, *documents(BACKUP / "backup.yaml", RESTORE / "restore.yaml")],
    ids=lambda one: f"{one['kind']} {one['metadata']['name']}",
)
def test_kubernetes_takes_it(one):
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_in_its_kustomization():
    for folder in BASE.parent.iterdir():
        [kustomization] = documents(folder / "kustomization.yaml")
        listed = {name for name in kustomization["resources"] if not name.startswith("..")}
        assert listed == {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        if folder != BASE.parent / "gpu":  # which only changes what the base has
            [namespace] = of_kind("Namespace")
            assert kustomization["namespace"] == namespace


def test_every_queue_has_a_worker_that_runs_alone():
    deployments = of_kind("Deployment")
    assert {*QUEUES, "web", "clock"} == deployments.keys()
    for queue in QUEUES:
        assert container(deployments[queue])["args"] == worker_options(queue)


def test_nothing_runs_as_root_or_writes_where_it_should_not():
    for workload in workloads().values():
        assert pod_of(workload)["securityContext"]["runAsNonRoot"] is True
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container(workload)["resources"]["limits"]


def test_all_are_probed_with_patience():
    for deployment in of_kind("Deployment").values():
        probes = {key: one for key, one in container(deployment).items() if key.endswith("Probe")}
        assert {"readinessProbe", "livenessProbe"} <= probes.keys()
        for probe in probes.values():  # /readyz waits as long for a queue that is away
            assert probe.get("timeoutSeconds", 1) > 2 * events._TIMEOUT_SECONDS
    for name in {*QUEUES, "web", "clock"}:
        assert "healthcheck" in compose()["services"][name]


def test_scaling_and_gpus_are_for_workers_that_there_are():
    names = of_kind("Deployment").keys()
    [gpu] = documents(BASE.parent / "gpu" / "kustomization.yaml")
    assert {patch["target"]["name"] for patch in gpu["patches"]} <= names
    for patch in gpu["patches"]:
        [operation] = yaml.safe_load(patch["patch"])
        assert operation["path"].endswith("/limits/nvidia.com~1gpu")
    scaled = documents(BASE.parent / "autoscaling" / "scaling.yaml")
    assert {one["spec"]["scaleTargetRef"]["name"] for one in scaled} <= names


def test_who_is_scaled_is_not_set_back_by_every_apply():
    scaled = documents(BASE.parent / "autoscaling" / "scaling.yaml")
    [kustomization] = documents(BASE.parent / "autoscaling" / "kustomization.yaml")
    patched = {}
    for patch in kustomization.get("patches", []):
        [operation] = yaml.safe_load(patch["patch"])
        patched[patch["target"]["name"]] = operation
    assert patched == {
        one["spec"]["scaleTargetRef"]["name"]: {"op": "remove", "path": "/spec/replicas"}
        for one in scaled
    }
    for name in patched:  # what is not there can't be removed
        assert "replicas" in of_kind("Deployment")[name]["spec"]


def test_a_model_of_its_own_is_served_as_all_others_are():
    split = BASE.parent / "split"
    [own] = documents(split / "serve-rex.yaml")
    kubernetes_validate.validate(own, kubernetes_validate.latest_version(), strict=True)
    [kustomization] = documents(split / "kustomization.yaml")
    [operation] = yaml.safe_load(kustomization["patches"][0]["patch"])
    lane = operation["value"].partition("=")[2]
    assert operation["path"] == "/data/PUPIL_SERVE_ROUTES"
    common = of_kind("Deployment")["serve"]
    ours = container(common) | {"args": worker_options(serve_queue(lane))}
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
    services = compose()["services"]
    assert services.keys() == of_kind("Deployment").keys() | {"migrate"} | _SERVERS
    for queue in QUEUES:
        ours = container(of_kind("Deployment")[queue])["args"]
        assert services[queue]["command"] == ours
        assert services[queue]["read_only"] is True


def test_compose_has_learning_stand_back_as_far_as_we_do():
    for queue, nice in parts.NICE_OF_QUEUE.items():
        weight = compose()["services"][queue].get("cpu_shares", 1024)
        assert weight == round(1024 / 1.25**nice)  # as Linux weighs niceness


@pytest.mark.parametrize("name", ["inspect", "transfer", "backup", "web"])
def test_who_receives_much_has_room_for_the_most(name):
    most = settings.MAX_IMPORT_BYTES
    if name == "web":
        most = settings.WEB_THREADS * settings.MAX_REQUEST_BYTES + _SNAPSHOT_BYTES
    assert volume_bytes(workloads()[name], "tmp") > most
    for service in compose()["services"].values():
        assert "/tmp" not in service.get("tmpfs", [])  # noqa: S108  it would fill the memory


@pytest.mark.parametrize("name", _WORKER_MB)
def test_who_decodes_has_memory_for_two_of_the_largest_pictures(name):
    limit = bytes_of(container(workloads()[name])["resources"]["limits"]["memory"])
    assert limit > (_WORKER_MB[name] + 2 * _DECODER_MB) * 10**6


@pytest.mark.parametrize("name", [*_WORKER_MB, "teach"])
def test_who_learns_has_room_for_vectors_and_networks(name):
    assert volume_bytes(workloads()[name], "home") >= near._MAX_BYTES + _NETWORKS_BYTES


def test_networks_are_downloaded_to_where_they_are_kept():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    said = dict(re.findall(r"([A-Z_]+)=(\S+)", dockerfile.rpartition("ENV ")[2]))
    for name in ("HF_HOME", "TORCH_HOME"):  # of the hub, and of what comes from elsewhere
        assert said[name].startswith(f"{said['PUPIL_HOME']}/cache/")
    assert f"home:{said['PUPIL_HOME']}" in compose()["services"]["index"]["volumes"]
    for workload in workloads().values():
        homes = [one for one in container(workload)["volumeMounts"] if one["name"] == "home"]
        assert homes == [{"name": "home", "mountPath": said["PUPIL_HOME"]}]
        assert pod_of(workload)["securityContext"]["fsGroup"] == 10001


def test_what_is_put_back_is_what_was_kept():
    [claim, backup] = documents(BACKUP / "backup.yaml")
    [restore] = documents(RESTORE / "restore.yaml")
    [kept] = [one for one in pod_of(restore)["volumes"] if one["name"] == "backups"]
    assert kept["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    [mount] = [one for one in container(restore)["volumeMounts"] if one["name"] == "backups"]
    *_, command, path = container(restore)["args"]
    assert (command, path) == ("restore", f"{mount['mountPath']}/pupil-Monday.tar")
    assert "/backups/pupil-$(date +%A).tar" in container(backup)["args"][-1]
    assert volume_bytes(restore, "tmp") == volume_bytes(backup, "tmp")


def test_pictures_that_are_only_tried_meet_no_disk():
    services = compose()["services"]
    assert "@scratch:" in services["web"]["environment"]["PUPIL_SCRATCH_URL"]
    ours = valkey.scratch(settings.PUPIL_HOME).command
    theirs = services["scratch"]["command"]
    for option in ("--appendonly", "--save", "--maxmemory", "--maxmemory-policy"):
        assert theirs[theirs.index(option) + 1] == ours[ours.index(option) + 1]


def test_what_the_image_may_hold_besides_is_there():
    said = [DEPLOY / "Dockerfile", DEPLOY / "compose.yaml", settings.BASE_DIR / ".env.example"]
    for extras in re.findall(r'EXTRAS="([a-z -]+)"', "".join(path.read_text() for path in said)):
        for extra in extras.split():
            assert (settings.BASE_DIR / f"requirements-{extra}.txt").exists()
