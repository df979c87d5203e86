"""Where in a picture a concept is: asked of the serve worker, drawn as a PNG to lay over it."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.factories import ConceptFactory, encoded, picture
from tests.webapp.test_teaching import answered, at_rest, shapes, train, upload, wait_for
from webapp.errors import Conflict, Invalid
from webapp.models import Concept
from webapp.services import locating

pytestmark = pytest.mark.usefixtures("transactional_db")


def disc_at_the_left():
    image = Pillow.new("RGB", (480, 240), "grey")
    image.paste(picture("gold", shape="disc", size=(240, 240), seed=5), (0, 0))
    return encoded(image)


def test_the_evidence_lies_on_the_thing(worker, project, user):
    upload(project, user, *shapes("disc", 4), concepts=["disc"])
    upload(project, user, *shapes("cross", 4), concepts=["cross"])
    [image] = upload(project, user, ("left.jpg", disc_at_the_left()))
    train(project, user)
    wait_for(project, at_rest(project))
    image.refresh_from_db()
    evidence = answered(lambda: locating.where(image=image, concept=concept("disc")))
    drawn = Pillow.open(io.BytesIO(evidence))
    assert (drawn.size, drawn.mode) == ((128, 64), "RGBA")
    strength = np.asarray(drawn)[..., 3].astype(int)
    assert strength[:, :64].sum() > 2 * strength[:, 64:].sum()
    # The next one who asks gets the same without anybody looking again.
    worker.freeze()
    assert locating.where(image=image, concept=concept("disc")) is not None
    with pytest.raises(Conflict, match="does not know"):
        locating.where(image=image, concept=ConceptFactory(project=project))


def test_nothing_is_learnt_yet(project, user):
    [image] = upload(project, user, *shapes("disc", 1))
    rex = ConceptFactory(project=project)
    with pytest.raises(Invalid, match="not indexed"):
        locating.where(image=image, concept=rex)
    image.status = "ready"
    with pytest.raises(Conflict, match="does not know"):
        locating.where(image=image, concept=rex)


def concept(name):
    return Concept.objects.get(name=name)
