"""The general model's words, and how typed ones find them."""

import numpy as np
import pytest

from training.backbones import get_spec
from training.tags.tagger import FLOOR, Tagger, _extract, load_tagger
from training.tags.vocabulary import Tag, Vocabulary, load_vocabulary, nearest, singulars
from training.tags.wordnet import Synset, build_vocabulary


@pytest.fixture(scope="module")
def vocabulary():
    return load_vocabulary()


def names(vocabulary, typed, **how):
    return [tag.name for tag in vocabulary.find(typed, **how)]


class TestVocabulary:
    def test_a_kind_holds_its_classes(self, vocabulary):
        dog, animal = vocabulary.find("dog")[0], vocabulary.find("animal")[0]
        assert len(dog.classes) == 118
        assert set(dog.classes) < set(animal.classes)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("dog", "dog"),
            ("Dogs", "dog"),
            ("espresso", "espresso"),
            ("beach", "seashore"),
            ("golden retriever", "golden retriever"),
            ("retriever", "retriever"),
            ("espres", "espresso"),
            ("elefant", "elephant"),
            ("butterflies", "butterfly"),
        ],
    )
    def test_words_are_found_as_people_type_them(self, vocabulary, typed, meant):
        assert meant in names(vocabulary, typed)

    def test_the_first_of_two_words_says_nothing(self, vocabulary):
        assert "beach wagon" not in names(vocabulary, "beach")

    def test_nonsense_finds_nothing(self, vocabulary):
        assert names(vocabulary, "qqqqq") == names(vocabulary, "") == []

    def test_completions_begin_as_typed(self, vocabulary):
        found = vocabulary.complete("fru")
        assert found[0] == "fruit"
        assert all(word.startswith("fru") for word in found)


def test_what_spans_the_same_classes_is_one_tag():
    nouns = {
        "1": Synset(["thing"], [], "all"),
        "2": Synset(["pet"], ["1"], "kept at home"),
        "3": Synset(["dog"], ["2"], "barks"),
        "4": Synset(["beagle"], ["3"], "a small one"),
        "5": Synset(["boxer"], ["3"], "a big one"),
    }
    tags = build_vocabulary(nouns, ["4", "5"])["tags"]
    assert [(tag["words"], tag["classes"]) for tag in tags] == [
        (["beagle"], [0]),
        (["dog", "pet", "thing", "puppy", "pup"], [0, 1]),
        (["boxer"], [1]),
    ]


class TestTagger:
    @pytest.fixture
    def tagger(self):
        few = Vocabulary([Tag(7, ("a",), "", (0,)), Tag(8, ("a or b",), "", (0, 1))])
        weights = np.zeros((1000, 2), np.float32)
        weights[0, 0] = weights[1, 1] = 20.0
        return Tagger([(weights, np.zeros(1000, np.float32))], few)

    def test_a_kind_is_as_likely_as_its_classes_together(self, tagger):
        (tags,) = tagger([np.array([[1.0, 1.0]], np.float32)])
        assert [tag.id for tag in tags] == [8, 7]
        assert tags[0].probability == pytest.approx(2 * tags[1].probability, abs=1e-3)

    def test_nothing_is_said_below_the_floor(self, tagger):
        assert tagger([np.array([[0.0, 0.0]], np.float32)]) == [[]]
        (tags,) = tagger([np.array([[1.0, 0.9]], np.float32)])
        assert all(tag.probability >= FLOOR for tag in tags)

    def test_the_bundled_classifier_is_in_the_order_of_the_vocabulary(self, vocabulary, tmp_path):
        """A class's own weights, taken for a picture's features, must say that class."""
        spec = get_spec("lite0")
        tagger = load_tagger(spec, cache_dir=tmp_path)
        weights = tagger._classifiers[0][0]
        golden = vocabulary.find("golden retriever")[0]
        said = tagger([weights[[golden.classes[0]]] * 10])[0]
        assert golden.id in {tag.id for tag in said}

    def test_what_is_kept_in_a_file_is_what_the_wheel_holds(self, tmp_path):
        branch = get_spec("lite2").branches[0]
        (kept,) = load_tagger(get_spec("lite2"), cache_dir=tmp_path)._classifiers
        assert np.array_equal(kept[0], _extract(branch)["weight"])

    def test_a_backbone_without_its_classifier_tags_nothing(self):
        vocabulary = Vocabulary([Tag(7, ("a",), "", (0,))])
        assert Tagger([], vocabulary)([np.zeros((2, 5), np.float32)]) == [[], []]


@pytest.mark.parametrize(
    ("word", "forms"),
    [("dogs", "dog"), ("cherries", "cherry"), ("glass", "glass"), ("boxes", "box"), ("bus", "bus")],
)
def test_singulars(word, forms):
    assert forms in singulars(word)


def test_short_words_and_numbers_have_no_typos():
    assert nearest("cat", ["car"]) is None
    assert nearest("20241", ["20242"]) is None
    assert nearest("carb", ["card"]) == "card"
