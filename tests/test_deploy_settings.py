"""What is said of settings and commands is what there is: `.env.example`, manifests, the guide."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.manifests import (
    BASE,
    DEPLOY,
    READ_BY_LIBRARIES,
    compose,
    of_kind,
    settings_read,
)
from webapp.celery import QUEUES
from webapp.embedded import parts

GUIDE = settings.BASE_DIR / "docs" / "deployment.md"
EXAMPLE = (settings.BASE_DIR / ".env.example").read_text()
NAMED = dict(re.findall(r"^#([A-Z0-9_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))
_STAND_INS = ("python", "uvicorn", "celery", "nice")


def told_of_kubectl() -> list[str]:
    paths = [GUIDE, *DEPLOY.glob("kubernetes/*/*.yaml")]
    text = "\n".join(path.read_text() for path in paths)
    return re.findall(r"kubectl (?!apply|label)[^`\n]+", text)


def read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))


def commands_of_guide(tmp_path: Path) -> list[list[str]]:
    """Run the lines that start processes one by one, with programs that only say what they are."""
    [block] = [
        one for one in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL) if "beat" in one
    ]
    for name in _STAND_INS:
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", block],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [shlex.split(line) for line in done.stdout.splitlines()]


def test_the_secret_names_settings():
    named = set(re.findall(r"--from-literal=(\w+)", (BASE / "kustomization.yaml").read_text()))
    assert named - READ_BY_LIBRARIES < settings_read()
    assert {"DATABASE_URL", "REDIS_URL", "PUPIL_SCRATCH_URL", "PUPIL_SECRET_KEY"} < named
    assert {"EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"} < named


def test_what_is_set_is_a_setting():
    [config] = of_kind("ConfigMap").values()
    assert config["data"].keys() - READ_BY_LIBRARIES <= settings_read()


def test_who_sends_mails_says_whom_they_come_from():
    [config] = of_kind("ConfigMap").values()
    assert {"EMAIL_HOST", "PUPIL_EMAIL_FROM"} <= config["data"].keys()


def test_visitors_behind_the_proxy_have_their_own_addresses():
    [config] = of_kind("ConfigMap").values()
    assert config["data"]["PUPIL_TRUSTED_PROXIES"] == "1"
    web = compose()["services"]["web"]
    assert web["environment"].get("PUPIL_TRUSTED_PROXIES") == "${PUPIL_TRUSTED_PROXIES:-1}"
    assert web["ports"] == ["127.0.0.1:8000:8000"]  # past the proxy anybody could say who they are


def test_every_setting_is_in_the_example_and_no_other():
    assert NAMED.keys() - READ_BY_LIBRARIES == settings_read() | read_by_compose()
    assert NAMED.keys() >= READ_BY_LIBRARIES


@pytest.mark.parametrize("name", NAMED)
def test_the_example_is_read_by_a_shell_as_by_compose(name, tmp_path):
    file = tmp_path / ".env"
    file.write_text(re.sub(rf"^#({name}=)", r"\1", EXAMPLE, flags=re.MULTILINE))
    read = subprocess.run(
        ["/bin/sh", "-eu", "-c", f'set -a; . "{file}"; set +a; printenv {name}'],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    quoted = re.fullmatch(r'"(.*)"', NAMED[name])
    assert (read.stderr, read.stdout) == ("", f"{quoted[1] if quoted else NAMED[name]}\n")


def test_kubectl_is_told_where_all_of_it_is():
    told = [line for line in told_of_kubectl() if not line.startswith("kubectl delete -k")]
    assert told
    assert [line for line in told if "-n pupil" not in line] == []


def test_compose_is_always_told_where_the_settings_are():
    files = [GUIDE, DEPLOY / "compose.yaml"]
    told = re.findall(r"docker compose .*", "\n".join(path.read_text() for path in files))
    assert told
    assert [line for line in told if "--env-file .env" not in line] == []


def test_the_guide_starts_workers_as_we_do(tmp_path):
    told = commands_of_guide(tmp_path)
    for queue in QUEUES:
        ours = parts.worker(queue, [queue]).command
        nice = ["nice", "-n", str(parts.NICE_OF_QUEUE[queue])]
        assert told.count([*nice, *ours[ours.index("celery") :]]) == 1
    ours = parts.clock().command
    assert list(ours[ours.index("celery") :]) in told


def test_the_guide_starts_the_web_server_as_we_do(tmp_path):
    [told] = [one for one in commands_of_guide(tmp_path) if one[0] == "uvicorn"]
    ours = list(parts.web(descriptor=3).command)
    at = ours.index("--fd")
    assert told == ours[ours.index("uvicorn") : at] + ours[at + 2 :]


def test_the_guide_stops_all_who_could_be_at_work_before_it_restores():
    told = r"^pupil stop (.*)\n(?:.*\n)?pupil run .* restore /"
    [stopped] = re.findall(told, GUIDE.read_text(), flags=re.MULTILINE)
    assert set(stopped.split()) == {*QUEUES, "web", "clock"}
