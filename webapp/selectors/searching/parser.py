"""From a typed text to terms, by recursive descent.

    query  = either ;   either = all { "OR" all } ;   all = one { one } ;
    one    = "-" one | "(" either ")" | name ":" value | name comparison number | text

A text in quotes is one word, also as a name or a value.
"""

import re
from dataclasses import dataclass

from rapidfuzz import process

from webapp.selectors.searching.terms import (
    And,
    BadQuery,
    Comparison,
    Field,
    Node,
    Not,
    Or,
    Search,
    Words,
)

MAX_CHARACTERS = 1000
KEYS = {
    "label": "label:Rex",
    "not": "not:Rex",
    "is": "is:Rex",
    "tag": "tag:dog",
    "name": "name:beach",
    "note": "note:garden",
    "taken": "taken:2024-06",
    "added": "added:2024",
    "status": "status:failed",
    "near": "near:1234",
    "group": "group:1234",
    "id": "id:1234",
    "sort": "sort:uncertain",
}
_MAX_DEPTH = 20
_TOKEN = re.compile(
    r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"|(?P<quote>")'
    r'|(?P<compare>[<>]=?|=)|(?P<colon>:)|(?P<bare>[^\s()"<>=:]+)'
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int
    end: int


def parse(text: str) -> Search:
    """Read a query.

    Raises:
        BadQuery: it can't be understood.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadQuery(
            f"A search has at most {MAX_CHARACTERS} characters.", position=MAX_CHARACTERS
        )
    node = _Parser(text).whole()
    nodes = node.nodes if isinstance(node, And) else [node]
    search = Search()
    sorts = [n for n in nodes if isinstance(n, Field) and n.key == "sort"]
    for one in nodes:
        if isinstance(one, Field) and one.key == "near":
            search.near.append(one)
        elif isinstance(one, Not) and isinstance(one.node, Field) and one.node.key == "near":
            search.unlike.append(one.node)
        elif one not in sorts:
            _check_nested(one)
            search.nodes.append(one)
    if len(sorts) > 1:
        raise sorts[1].wrong("Say only once how to sort.")
    if search.unlike and not search.near:
        raise search.unlike[0].wrong("Say what the pictures should be like, too: near:NUMBER.")
    return Search(search.nodes, search.near, search.unlike, sorts[0] if sorts else None)


def _check_nested(node: Node) -> None:
    """Refuse an order within a condition, where it means nothing."""
    if isinstance(node, Field) and node.key in {"near", "sort"}:
        raise node.wrong(
            f"“{node.key}:” counts for the whole search: take it out of OR, ( ) and -."
        )
    if isinstance(node, Not):
        _check_nested(node.node)
    elif isinstance(node, And | Or):
        for inner in node.nodes:
            _check_nested(inner)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [
            _Token(match.lastgroup or "", match[match.lastgroup or 0], *match.span())
            for match in _TOKEN.finditer(text)
        ]
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._either()
        if token := self._peek():
            raise self._wrong("This bracket closes nothing.", token)
        return node

    def _either(self) -> Node:
        nodes = [self._all()]
        while (token := self._peek()) and self._is_or(token):
            self._take()
            if not _parts(nodes[-1]):
                raise self._wrong("Say something before OR.", token)
            nodes.append(self._all())
            if not _parts(nodes[-1]):
                raise self._wrong("Say something after OR.", token)
        return nodes[0] if len(nodes) == 1 else Or(nodes)

    def _all(self) -> Node:
        nodes: list[Node] = []
        while (token := self._peek()) and token.kind != "close" and not self._is_or(token):
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else And(nodes)

    def _one(self) -> Node:
        token = self._take()
        if token.kind == "open":
            return self._bracket(token)
        if token.kind == "bare" and token.text.startswith("-"):
            return self._negation(token)
        if token.kind not in {"bare", "quoted"}:
            raise self._wrong(_UNEXPECTED[token.kind].format(token.text), token)
        following = self._peek(skip_space=False)
        if following and following.kind == "colon":
            return self._field(token)
        following = self._peek()
        if following and following.kind == "compare":
            return self._comparison(token)
        return Words(token.position, token.end - token.position, token.text)

    def _bracket(self, opened: _Token) -> Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._wrong("Too many brackets within each other.", opened)
        node = self._either()
        closed = self._peek()
        if closed is None:
            raise self._wrong("This bracket is not closed.", opened)
        self._take()
        self._depth -= 1
        if not _parts(node):
            raise self._wrong("There is nothing in this bracket.", opened)
        return node

    def _negation(self, token: _Token) -> Node:
        rest = token.text[1:]
        following = self._peek(skip_space=False)
        if rest:  # the minus was read with its word: give the word back
            self._at -= 1
            self._tokens[self._at] = _Token("bare", rest, token.position + 1, token.end)
        elif following is None or following.kind not in {"open", "quoted"}:
            raise self._wrong("Say what is not wanted right after the minus.", token)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._wrong("Too many minuses within each other.", token)
        node = self._one()
        self._depth -= 1
        return Not(node)

    def _field(self, name: _Token) -> Node:
        key = name.text.casefold()
        if key not in KEYS:
            raise self._wrong(_unknown_key(name.text), name)
        self._take()
        value, end = self._value()
        if not value.strip():
            message = f"Say something after “{key}:”, like {KEYS[key]}."
            raise BadQuery(message, position=name.position, length=len(key) + 1)
        return Field(name.position, end - name.position, key, value)

    def _value(self) -> tuple[str, int]:
        """Read up to the next space or bracket; times and comparisons are part of a value."""
        value, end = "", 0
        while (token := self._peek(skip_space=False)) and token.kind not in {"open", "close"}:
            self._take()
            value, end = value + token.text, token.end
        return value, end

    def _comparison(self, name: _Token) -> Node:
        operator = self._take()
        number = self._peek()
        text = number.text if number and number.kind == "bare" else ""
        match = re.fullmatch(r"(\d*[.,]?\d+)(%?)", text)
        probability = float(match[1].replace(",", ".")) if match else -1.0
        if match and match[2]:
            probability /= 100
        if not 0 <= probability <= 1:
            message = f"After “{name.text}{operator.text}” comes a number from 0 to 1, or percent."
            end = number.end if text and number else operator.end
            raise BadQuery(message, position=name.position, length=end - name.position)
        end = self._take().end
        return Comparison(name.position, end - name.position, name.text, operator.text, probability)

    def _peek(self, *, skip_space: bool = True) -> _Token | None:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind != "space":
                return token
            if not skip_space:
                return None
            self._at += 1
        return None

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is_or(self, token: _Token) -> bool:
        return token.kind == "bare" and token.text == "OR"

    def _wrong(self, message: str, token: _Token) -> BadQuery:
        return BadQuery(message, position=token.position, length=token.end - token.position)


_UNEXPECTED = {
    "quote": "This quotation mark has no partner.",
    "compare": "Say which concept before “{0}”, like Rex{0}0.8.",
    "colon": "Say which key before the colon, like tag:dog.",
    "close": "This bracket closes nothing.",
}


def _parts(node: Node) -> bool:
    """Say whether there is anything in a node."""
    return not isinstance(node, And) or bool(node.nodes)


def _unknown_key(name: str) -> str:
    close = process.extractOne(name.casefold(), list(KEYS), score_cutoff=60)
    hint = f"Did you mean {KEYS[close[0]]}?" if close else f"There are {', '.join(KEYS)}."
    return f"There is no search key “{name}”. {hint} Put “quotes” around text with a colon."
