"""The indexes of large projects' signs, as the database's catalogue knows them.

Each holds the signs of one project under one fingerprint, in lists of what is alike. How many lists
are best depends on how many vectors there are: as a project grows, one of twice as many takes over.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.indexes import OpClass
from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery
from pgvector.django import IvfflatIndex

from webapp.models import Embedding, Project
from webapp.models.images import signs

# Up to here looking at all is quicker than it has to be; see docs/performance.md.
EXACT_UP_TO = 10_000
# Finding more would take a gigabyte of memory, of which this takes a third.
_LEAST_LISTS, _MOST_LISTS = 300, 1200
_PREFIX = "signs_of_"
_NAMES = rf"^{_PREFIX}\d+_[^_]+_\d+$"  # what REINDEX leaves behind is named otherwise


@dataclass(frozen=True, order=True)
class SignIndex:
    """An index that is there, or should be.

    Attributes:
        project_id: whose signs.
        fingerprint: of the vectors.
        lists: that they are in.
    """

    project_id: int
    fingerprint: str
    lists: int

    @classmethod
    def named(cls, name: str) -> "SignIndex":
        project_id, fingerprint, lists = name.removeprefix(_PREFIX).split("_")
        return cls(int(project_id), fingerprint, int(lists))

    @property
    def name(self) -> str:
        return f"{_PREFIX}{self.project_id}_{self.fingerprint}_{self.lists}"

    @property
    def definition(self) -> IvfflatIndex:
        return IvfflatIndex(
            OpClass(signs("vector"), name="bit_hamming_ops"),
            name=self.name,
            lists=self.lists,
            condition=Q(project=self.project_id, fingerprint=self.fingerprint),
        )


def there() -> dict[SignIndex, bool]:
    """Return all there are, and whether each is whole: building one may have been broken off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE indrelid = %s::regclass AND relname ~ %s",
            [Embedding._meta.db_table, _NAMES],
        )
        return {SignIndex.named(name): is_whole for name, is_whole in cursor.fetchall()}


def whole_ones() -> list[SignIndex]:
    return [index for index, is_whole in there().items() if is_whole]


def finest(indexes: Iterable[SignIndex], project_id: int, fingerprint: str) -> SignIndex | None:
    """Return a project's index of most lists among others; none where it has none."""
    key = project_id, fingerprint
    mine = [index for index in indexes if (index.project_id, index.fingerprint) == key]
    return max(mine, default=None)


def lists_for(count: int) -> int:
    """Return how many lists so many vectors should be in: twice as many for four times as many."""
    lists = _LEAST_LISTS
    while lists < _MOST_LISTS and count > 4 * EXACT_UP_TO * (lists // _LEAST_LISTS) ** 2:
        lists *= 2
    return lists


def counts_of_large_projects(fingerprint: str) -> dict[int, int]:
    """Return how many such vectors those projects have that an index serves, or did until lately.

    That is half of what all are looked at up to: who deletes a few pictures and adds some again
    need not wait for the index each time.
    """
    vectors = Embedding.objects.filter(fingerprint=fingerprint)
    # Of the image, so that an index alone tells.
    those_after = vectors.filter(project=OuterRef("pk")).values("image_id")[EXACT_UP_TO // 2 :]
    living = Project.objects.filter(erased_at=None).annotate(after=Subquery(those_after[:1]))
    large = living.exclude(after=None).values_list("pk", flat=True)
    counted = vectors.filter(project__in=list(large)).order_by().values_list("project_id")
    return dict(counted.annotate(Count("image_id")))
