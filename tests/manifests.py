"""What lies in deploy/, read for the tests that look at it."""

import re
from typing import Any

import yaml
from django.conf import settings

DEPLOY = settings.BASE_DIR / "deploy"
BASE = DEPLOY / "kubernetes" / "base"
BACKUP = BASE.parent / "backup"
RESTORE = BASE.parent / "restore"
SETTINGS_READ = re.compile(r'(?:env\.\w+|os\.environ\.get)\(\s*"([A-Z0-9_]+)"')
# Read by boto3 itself.
READ_BY_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
_UNITS = {"Mi": 2**20, "Gi": 2**30}


def documents(*paths: Any) -> list[dict[str, Any]]:
    return [one for path in paths for one in yaml.safe_load_all(path.read_text()) if one]


MANIFESTS = documents(*(path for path in sorted(BASE.glob("*.yaml")) if "kustom" not in path.name))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


def compose() -> dict[str, Any]:
    [services] = documents(DEPLOY / "compose.yaml")
    return services


def workloads() -> dict[str, dict[str, Any]]:
    """Return everything that has pods, those of the overlays too."""
    beside = documents(
        BACKUP / "backup.yaml", RESTORE / "restore.yaml", BASE.parent / "split" / "serve-rex.yaml"
    )
    kinds = {"Deployment", "Job", "CronJob"}
    return {one["metadata"]["name"]: one for one in MANIFESTS + beside if one["kind"] in kinds}


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    spec = workload["spec"]
    return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]


def container(workload: dict[str, Any]) -> dict[str, Any]:
    return pod_of(workload)["containers"][0]


def volume_bytes(workload: dict[str, Any], name: str) -> int:
    [folder] = [one["emptyDir"] for one in pod_of(workload)["volumes"] if one["name"] == name]
    return bytes_of(folder["sizeLimit"])


def bytes_of(quantity: str) -> int:
    return int(quantity[:-2]) * _UNITS[quantity[-2:]]


def settings_read() -> set[str]:
    source = (settings.BASE_DIR / "webapp" / "settings.py").read_text()
    return set(SETTINGS_READ.findall(source))
