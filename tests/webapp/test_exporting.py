"""Take it away: a version as an ONNX file, only where it answers as Pupil does."""

import json

import httpx
import numpy as np
import onnxruntime
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.factories import UserFactory
from tests.webapp.test_teaching import (
    SHAPES,
    TIMEOUT_SECONDS,
    all_indexed,
    shapes,
    train,
    upload,
    wait_for,
)
from training.export.run_onnx import pixels
from webapp.errors import Conflict, PupilError
from webapp.learning import exports
from webapp.models import Export, Image, Job, Version
from webapp.services import accounts, exporting, jobs, versions

pytestmark = pytest.mark.usefixtures("transactional_db")


@pytest.fixture
def version(worker, project, user):
    for shape in SHAPES:
        upload(project, user, *shapes(shape, 3), concepts=[shape])
    wait_for(project, all_indexed(project))
    return train(project, user)


@pytest.fixture
def api(site, user):
    _, key = accounts.create_token(user=user, name="test")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{site}/api/v1", headers=headers, timeout=60) as client:
        yield client


def test_from_the_page_to_a_program_of_ones_own(version, api, user, tmp_path):
    at = f"/projects/{version.project_id}/versions/{version.number}"
    assert api.get(f"{at}/export").json()["url"] is None
    assert api.get(f"{at}/export.onnx").status_code == 404
    started = api.post(f"{at}/export")
    assert started.status_code == 202
    job = Job.objects.get(pk=started.json()["job"]["id"])
    job = jobs.wait(job, timeout_seconds=TIMEOUT_SECONDS)
    assert job.state == Job.State.SUCCEEDED, job.error_message

    told = api.get(f"{at}/export").json()
    assert told["parity"]["pictures"] == 9
    assert told["parity"]["max_difference"] < 1e-3
    assert told["parity"]["by_runner"]["flips"] == 0
    answer = api.get(told["url"].removeprefix("/api/v1"))
    assert len(answer.content) == told["byte_size"]
    path = tmp_path / "version.onnx"
    path.write_bytes(answer.content)

    session = onnxruntime.InferenceSession(path)
    about = session.get_modelmeta().custom_metadata_map
    [name, data] = shapes("disc", 1)[0]
    (tmp_path / name).write_bytes(data)
    probabilities, _ = session.run(
        None, {"pixels": pixels(tmp_path / name, *json.loads(about["sides"]))}
    )
    names = json.loads(about["concepts"])
    predicted = api.post(f"/projects/{version.project_id}/predict", files={"file": data}).json()
    said = {c["name"]: c["probability"] for c in predicted["results"][0]["concepts"]}
    assert dict(zip(names, probabilities, strict=True)) == pytest.approx(said, abs=1e-3)

    stranger = UserFactory()
    _, key = accounts.create_token(user=stranger, name="test")
    other = httpx.get(
        f"{api.base_url}{at.lstrip('/')}/export.onnx", headers={"Authorization": f"Bearer {key}"}
    )
    assert other.status_code == 404


def test_a_moved_threshold_makes_the_file_out_of_date(version, user):
    Export.objects.create(
        version=version,
        file="x",
        byte_size=1,
        parity={},
        thresholds=[concept["threshold"] for concept in version.concepts],
    )
    assert exporting.current(version)
    versions.set_threshold(version=version, user=user, concept="disc", threshold=0.9)
    assert exporting.current(Version.objects.get(pk=version.pk)) is None


def test_where_parity_breaks_nothing_is_handed_out(worker, version, user, monkeypatch):
    worker.freeze()
    parity = {"pictures": 9, "max_difference": 0.2, "holds": False}
    monkeypatch.setattr(exports, "write_onnx", lambda artifact, path, **_: path.touch())
    monkeypatch.setattr(exports, "compare", lambda *_: parity)
    exporting.start(version=version, user=user)
    [job] = jobs.claim(kind=Job.Kind.EXPORT)
    with pytest.raises(Conflict) as caught:
        exporting.export(job)
    assert caught.value.code == "parity_broken"
    assert not Export.objects.exists()


def test_a_graph_that_answers_otherwise_breaks_parity(version, tmp_path, monkeypatch):
    """The comparison itself: a file with other weights is caught."""
    from training.export import parity

    class Liar:
        def __init__(self, path, **_):
            pass

        def __call__(self, pixels):
            return np.full(3, 0.5, np.float32), np.zeros(3, bool)

    monkeypatch.setattr(parity, "OnnxFile", Liar)
    from webapp import learning

    head = learning.load_head(version.artifact)
    files = exporting._pictures(version.project)
    assert not exports.compare(tmp_path, head, learning.embedder(), files)["holds"]


def test_without_pictures_there_is_nothing_to_prove(worker, version, user):
    Image.objects.all().delete()
    job = jobs.wait(exporting.start(version=version, user=user), timeout_seconds=TIMEOUT_SECONDS)
    assert (job.state, job.error_code) == (Job.State.FAILED, "nothing_to_compare")


def test_writing_that_takes_too_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(exports, "_sides", lambda: (256, 512))
    monkeypatch.setattr(exports, "load_refined", lambda artifact: {})
    artifact = default_storage.save("v.safetensors", ContentFile(b"a head"))
    with pytest.raises(PupilError, match="too long"):
        exports.write_onnx(
            artifact, tmp_path / "v.onnx", backbone="duo", thresholds=[0.5], metadata={}
        )
