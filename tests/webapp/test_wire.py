"""Many rows come and go as arrays, and are the same rows."""

import numpy as np
import pytest

from tests.factories import ConceptFactory, ImageFactory
from webapp import wire
from webapp.models import Prediction

pytestmark = pytest.mark.django_db

COLUMNS = [
    ("image_id", ">i8"),
    ("concept_id", ">i8"),
    ("is_present", "?"),
    ("probability", ">f8"),
]


def test_what_is_written_is_what_rows_and_reading_say():
    images = ImageFactory.create_batch(3)
    concept = ConceptFactory(project=images[0].project)
    ids = np.array([image.pk for image in images])
    wire.write(
        "webapp_prediction",
        COLUMNS,
        [ids, np.full(3, concept.pk), np.array([True, False, True]), np.array([0.75, 0.1, 1.0])],
    )
    rows = Prediction.objects.order_by("image").values_list(
        "image_id", "concept_id", "is_present", "probability"
    )
    assert list(rows) == [
        (images[0].pk, concept.pk, True, 0.75),
        (images[1].pk, concept.pk, False, 0.1),
        (images[2].pk, concept.pk, True, 1.0),
    ]
    read = wire.read(
        "SELECT image_id, concept_id, is_present, probability FROM webapp_prediction"
        " WHERE concept_id = %s ORDER BY image_id",
        [concept.pk],
        COLUMNS,
    )
    assert [record[2::2] for record in read.tolist()] == list(rows)


def test_no_rows_are_no_rows():
    read = wire.read("SELECT id FROM webapp_image WHERE id = %s", [-1], [("id", ">i8")])
    assert len(read) == 0
