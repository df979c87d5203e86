"""Two versions side by side: on pictures that neither had seen, and in what each would answer.

The serve worker works it out: it takes every vector of the project.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from webapp import learning
from webapp.errors import Busy, Conflict
from webapp.models import Concept, Image, Label, Version
from webapp.selectors import vectors as vector_selectors
from webapp.services import asking
from webapp.services.scoring import Scorer

if TYPE_CHECKING:
    import numpy as np

_LISTED = 300


def compare(before: Version, after: Version) -> dict[str, Any]:
    """Return what changes between two versions.

    Raises:
        Conflict: it can't be told.
        Busy: the serve worker does not answer.
    """
    said: dict[str, Any] = asking.ask(
        "webapp.tasks.serve.compare", before_id=before.pk, after_id=after.pk
    )
    return said


def worked_out(*, before_id: int, after_id: int) -> dict[str, Any]:
    """Work it out; the serve worker's side.

    Raises:
        Conflict: a version was deleted meanwhile.
    """
    versions = Version.objects.in_bulk([before_id, after_id])
    if len({before_id, after_id} - versions.keys()):
        raise Conflict("One of these versions was deleted.", code="version_gone")
    return _Comparison(versions[before_id], versions[after_id]).told()


@dataclass(frozen=True)
class _Side:
    """What one version says of the project's pictures.

    Attributes:
        present: (N, C) bool verdicts as it would answer.
        unseen: (N, C) bool verdicts of heads that had not seen the picture.
        is_known: (N,) bool: its network was tuned on the picture, so that no verdict is fair.
    """

    present: np.ndarray
    unseen: np.ndarray
    is_known: np.ndarray

    @classmethod
    def of(cls, version: Version, image_ids: np.ndarray, concept_ids: list[int]) -> _Side:
        import numpy as np

        scorer = Scorer.of(
            learning.load_head(version.artifact), version.concepts, version.thresholds
        )
        vectors = vector_selectors.of_project(
            version.project_id,
            version.fingerprint,
            only=image_ids.tolist(),
            dimensions=scorer.head.weights.shape[1],
        )
        if len(vectors.image_ids) < len(image_ids):
            raise Busy("Pictures are being deleted just now. Try again in a moment.")
        probabilities = scorer.head.probabilities(vectors.matrix)
        columns = [[c["id"] for c in version.concepts].index(each) for each in concept_ids]
        present = scorer.head.present(probabilities)
        record = learning.load_record(version.artifact)
        is_known = np.zeros(len(image_ids), bool)
        if record.judgements is not None:
            places = dict(zip(_hashes(version, image_ids), range(len(image_ids)), strict=True))
            rows = [(places[h], row) for row, h in enumerate(record.hashes) if h in places]
            to, of = np.array(rows, np.int64).reshape(-1, 2).T
            probabilities[to] = record.judgements.probabilities[of]
            if version.refinement:
                is_known[to] = ~record.judgements.held_out[of]
        return cls(present[:, columns], scorer.head.present(probabilities)[:, columns], is_known)


def _hashes(version: Version, image_ids: np.ndarray) -> list[str]:
    known = dict(Image.objects.filter(project=version.project_id).values_list("pk", "sha256"))
    return [known.get(image_id, "") for image_id in image_ids.tolist()]


class _Comparison:
    def __init__(self, before: Version, after: Version) -> None:
        self._versions = before, after
        names = dict(Concept.objects.filter(project=before.project_id).values_list("pk", "name"))
        known = [{c["id"] for c in version.concepts} & names.keys() for version in self._versions]
        self._concept_ids = sorted(known[0] & known[1])
        self._names = [names[concept_id] for concept_id in self._concept_ids]
        self._new = sorted(names[concept_id] for concept_id in known[1] - known[0])
        self._gone = sorted(names[concept_id] for concept_id in known[0] - known[1])
        self._image_ids = self._read_by_both()
        self._before, self._after = (
            _Side.of(version, self._image_ids, self._concept_ids) for version in self._versions
        )

    def _read_by_both(self) -> np.ndarray:
        import numpy as np

        before, after = (
            vector_selectors.ids_of_project(version.project_id, version.fingerprint)
            for version in self._versions
        )
        return np.intersect1d(before, after)

    @cached_property
    def _targets(self) -> np.ndarray:
        """What people say now, (N, C), with what it implies."""
        return learning.implied(self._labels)

    @cached_property
    def _labels(self) -> np.ndarray:
        import numpy as np

        labels = np.zeros((len(self._image_ids), len(self._concept_ids)), np.int8)
        rows = {image_id: row for row, image_id in enumerate(self._image_ids.tolist())}
        columns = {concept_id: column for column, concept_id in enumerate(self._concept_ids)}
        said = Label.objects.filter(concept__in=self._concept_ids)
        for image_id, concept_id, is_positive in said.values_list(
            "image_id", "concept_id", "is_positive"
        ):
            if image_id in rows:
                labels[rows[image_id], columns[concept_id]] = 1 if is_positive else -1
        return labels

    def told(self) -> dict[str, Any]:
        return {
            "before": self._versions[0].number,
            "after": self._versions[1].number,
            "new_concepts": self._new,
            "gone_concepts": self._gone,
            "pictures": len(self._image_ids),
            "refined": [
                {"number": version.number, **version.refinement}
                for version in self._versions
                if version.refinement
            ],
            **self._figures(),
            **self._flips(),
        }

    def _figures(self) -> dict[str, Any]:
        import numpy as np

        is_fair = ~(self._before.is_known | self._after.is_known)
        known, positive = (self._targets != 0) & is_fair[:, None], self._targets > 0
        right = [(side.unseen == positive) | ~known for side in (self._before, self._after)]
        judged = known.any(axis=1)
        whole = learning.paired(*(each[judged].all(axis=1) for each in right))
        concepts = []
        for column, name in enumerate(self._names):
            rows = known[:, column]
            figures = learning.f1_of(
                self._targets[rows, column],
                [side.unseen[rows, column] for side in (self._before, self._after)],
            )
            pair = learning.paired(*(each[rows, column] for each in right))
            concepts.append({"concept": name, "f1": figures, **asdict(pair)})
        tested = Image.objects.filter(pk__in=self._image_ids[np.flatnonzero(judged)].tolist())
        return {
            "overall": asdict(whole),
            "concepts": concepts,
            "test_pictures": tested.filter(is_test=True).count(),
        }

    def _flips(self) -> dict[str, Any]:
        """List pictures whose verdict differs; those that no longer agree with labels first."""
        import numpy as np

        rows, columns = np.nonzero(self._before.present != self._after.present)
        targets = self._targets[rows, columns]
        after = self._after.present[rows, columns]
        agrees = np.where(targets == 0, 0, np.where(after == (targets > 0), 1, -1))
        order = np.lexsort((rows, np.array([2, 0, 1])[agrees]))  # -1 first, then 1, then 0
        return {
            "flips": {
                "pictures": len(set(rows.tolist())),
                "total": len(rows),
                "now_agree": int((agrees == 1).sum()),
                "no_longer_agree": int((agrees == -1).sum()),
                "not_marked": int((agrees == 0).sum()),
                "items": [
                    {
                        "image": int(self._image_ids[rows[i]]),
                        "concept": self._names[columns[i]],
                        "present": bool(after[i]),
                        "agrees": int(agrees[i]),
                    }
                    for i in order[:_LISTED].tolist()
                ],
            }
        }
