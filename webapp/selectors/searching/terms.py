"""What a query says, term by term, each with its place in the text."""

from dataclasses import dataclass, field

from webapp.errors import Invalid


class BadQuery(Invalid):
    """A query that can't be understood: what is wrong, and where in the text."""

    code = "bad_query"

    def __init__(self, message: str, *, position: int, length: int = 1) -> None:
        super().__init__(message, details={"position": position, "length": max(1, length)})


@dataclass(frozen=True)
class Term:
    """A place in the text."""

    position: int
    length: int

    def wrong(self, message: str) -> BadQuery:
        return BadQuery(message, position=self.position, length=self.length)


@dataclass(frozen=True)
class Words(Term):
    """Text to be found anywhere: `dog`, `"hot dog"`."""

    text: str


@dataclass(frozen=True)
class Sentence(Words):
    """Words that stand together and are looked for together: `a dog on the beach`."""

    words: list[Words]


@dataclass(frozen=True)
class Field(Term):
    """`key:value`."""

    key: str
    value: str


@dataclass(frozen=True)
class Comparison(Term):
    """`rex>0.8`: how likely a concept is."""

    concept: str
    operator: str
    probability: float


@dataclass(frozen=True)
class Not:
    node: "Node"


@dataclass(frozen=True)
class And:
    nodes: "list[Node]"


@dataclass(frozen=True)
class Or:
    nodes: "list[Node]"


Node = Words | Field | Comparison | Not | And | Or


@dataclass(frozen=True)
class Search:
    """A whole query.

    Attributes:
        nodes: conditions that all hold.
        near: pictures that those found should be like.
        unlike: pictures that they should not be like.
        sort: the order asked for.
    """

    nodes: list[Node] = field(default_factory=list)
    near: list[Field] = field(default_factory=list)
    unlike: list[Field] = field(default_factory=list)
    sort: Field | None = None
