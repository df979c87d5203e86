"""The speed benchmark measures the real app: here on a few rows, to see that it can."""

import os

import pytest

from tests.factories import UserFactory
from training.benchmark.speed import made_up, spread
from webapp.benchmark import looking, memory, piles
from webapp.benchmark.client import Client
from webapp.benchmark.measured import Figures
from webapp.models import Image, Prediction
from webapp.services import accounts, projects


@pytest.fixture
def user(transactional_db):
    return UserFactory()


@pytest.fixture
def project(user):
    return projects.create(user=user, name="Measured")


@pytest.fixture
def client(site, worker, user):
    client = Client(site, accounts.create_token(user=user, name="benchmark")[1])
    yield client
    client.close()


def test_made_up_photos_are_told_apart_by_their_ending():
    photos = made_up(64, 48, count=2)
    assert photos.unlike(0) != photos.unlike(2)
    assert photos.unlike(0).startswith(photos.files[0])


def test_spread_is_in_milliseconds():
    assert spread([0.001] * 19 + [0.5]) == {"p50_ms": 1.0, "p95_ms": 25.95, "count": 20}


def test_a_process_has_a_peak():
    assert memory.peaks(os.getpid())["other"] > 10


def test_indexing_and_predicting_are_measured_over_http(client, project):
    figures, photos = Figures(), made_up(320, 240, count=2)
    looking.measure_indexing(
        figures, client, project, photos, name="photos", amount=3, supervisor=os.getpid()
    )
    looking.teach(client, project, photos)
    assert figures.get("index", "photos")["count"] == 3
    assert looking.ask(client, project, photos, clients=2, seconds=0.5)["count"] > 0


def test_a_made_up_project_is_trained_searched_paged_and_removed(
    client, project, user, worker, monkeypatch, large_from
):
    monkeypatch.setattr(piles, "_REQUESTS", 20)
    large_from(200)
    figures = Figures()
    piles.fill(project, user, 250, with_vectors=True)
    piles.measure_training(figures, client, project, supervisor=worker.pid)
    assert figures.get("train", "250 pictures")["again_s"] > 0
    assert Prediction.objects.filter(image__project=project).count() == 250
    piles.make_index(figures, project)
    assert figures.get("search", "250 vectors, index made")["MB"] > 0
    piles.measure_search(figures, client, project, supervisor=worker.pid)
    assert figures.get("search", "250 vectors")["recall@10 of 20"] > 0.9
    piles.measure_gallery(figures, client, project)
    assert figures.get("gallery", "250 rows, newest first, later pages")["count"] == 2
    piles.remove(project)
    assert not Image.objects.filter(project=project.pk).exists()
