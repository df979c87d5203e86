"""Reads WordNet's noun file and writes the small vocabulary that the tags need of it.

``python -m training build-tags --wordnet DIR``; DIR holds WordNet 3.0's ``data.noun``, as Debian's
``wordnet-base`` brings it. ImageNet names its concepts by the same offsets.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

# What spans more of ImageNet than this ("whole", "artifact") says nothing.
_MOST_CLASSES = 400
# Everyday words that WordNet has, but no class of ImageNet below them, and what comes nearest.
_EVERYDAY = {
    "beach": "seashore",
    "seaside": "seashore",
    "puppy": "dog",
    "pup": "dog",
    "kitten": "domestic cat",
    "kitty": "domestic cat",
    "tv": "television",
    "smartphone": "cellular telephone",
    "mobile": "cellular telephone",
    "trainers": "running shoe",
    "sneakers": "running shoe",
    "trousers": "jean",
    "tshirt": "jersey",
    "bug": "insect",
    "hill": "alp",
    "lake": "lakeside",
    "lorry": "truck",
    "chicken": "hen",
    "cow": "ox",
    "bull": "ox",
    "lamb": "ram",
}
_LICENCE = (
    "Words, definitions and hierarchy: WordNet 3.0, Copyright 2006 by Princeton University. All "
    "rights reserved. THIS SOFTWARE AND DATABASE IS PROVIDED “AS IS” AND PRINCETON UNIVERSITY "
    "MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. See "
    "https://wordnet.princeton.edu/license-and-commercial-use"
)


@dataclass(frozen=True)
class Synset:
    """Words of one meaning; `parents` are the offsets of what it is a kind of."""

    words: list[str]
    parents: list[str]
    definition: str


def read_nouns(path: Path) -> dict[str, Synset]:
    """Read ``data.noun``, by offset.

    Source: the file format, wndb(5WN).
    """
    lines = path.read_text().splitlines()
    return dict(_synset(line) for line in lines if not line.startswith("  "))


def build_vocabulary(nouns: dict[str, Synset], classes: list[str]) -> dict[str, object]:
    """Describe the classifier's classes and all that they are kinds of.

    A parent with no class besides its only child's adds its words to the child.

    Args:
        nouns: by offset.
        classes: the offsets of the classifier's outputs, in its order.
    """
    members: dict[str, set[int]] = defaultdict(set)
    for number, offset in enumerate(classes):
        for ancestor in [offset, *_ancestors(nouns, offset)]:
            members[ancestor].add(number)
    by_members: dict[frozenset[int], list[str]] = defaultdict(list)
    for offset, numbers in members.items():  # the most specific comes first
        if len(numbers) <= _MOST_CLASSES:
            by_members[frozenset(numbers)].append(offset)
    tags = [
        {
            "id": int(offsets[0]),
            "words": _words([word for offset in offsets for word in nouns[offset].words]),
            "definition": nouns[offsets[0]].definition,
            "classes": sorted(numbers),
        }
        for numbers, offsets in sorted(by_members.items(), key=lambda item: sorted(item[0]))
    ]
    return {"licence": _LICENCE, "tags": tags}


def save_vocabulary(vocabulary: dict[str, object], path: Path) -> None:
    """Write a vocabulary, a tag a line."""
    text = json.dumps(vocabulary, ensure_ascii=False)
    path.write_text(text.replace('{"id"', '\n{"id"') + "\n")


def _synset(line: str) -> tuple[str, Synset]:
    facts, definition = line.split("|", 1)
    fields = facts.split()
    count = int(fields[3], 16)
    words = [fields[4 + 2 * i].replace("_", " ") for i in range(count)]
    start = 5 + 2 * count
    pointers = [fields[start + 4 * i : start + 4 * i + 3] for i in range(int(fields[start - 1]))]
    parents = [target for kind, target, part in pointers if kind in {"@", "@i"} and part == "n"]
    return fields[0], Synset(words, parents, definition.split('; "')[0].strip())


def _words(synonyms: list[str]) -> list[str]:
    """Join synonyms with everyday words for the same, each once."""
    everyday = [word for word, synonym in _EVERYDAY.items() if synonym in synonyms]
    return list(dict.fromkeys([*synonyms, *everyday]))


def _ancestors(nouns: dict[str, Synset], offset: str) -> list[str]:
    """List what a synset is a kind of, nearest first."""
    found: dict[str, None] = {}
    waiting = list(nouns[offset].parents)
    while waiting:
        parent = waiting.pop(0)
        if parent not in found:
            found[parent] = None
            waiting += nouns[parent].parents
    return list(found)
