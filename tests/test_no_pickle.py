"""Nothing that is read can run code: no pickle in any of its disguises."""

import ast
import json

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

FORBIDDEN = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
SOURCES = [
    path
    for folder in ("training", "webapp")
    for path in sorted((settings.BASE_DIR / folder).rglob("*.py"))
]


def breaches(tree: ast.AST) -> list[str]:
    """Return what in a module could load a pickle."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name.split(".")[0] in FORBIDDEN]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN:
            found.append(str(node.module))
        elif isinstance(node, ast.Call):
            found += [f"line {node.lineno}"] if is_unsafe(node) else []
    return found


def is_unsafe(call: ast.Call) -> bool:
    said = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    is_torch = ast.unparse(call.func) == "torch.load"
    return (is_torch and said.get("weights_only") != "True") or said.get("allow_pickle") == "True"


def test_no_module_loads_one():
    found = {str(path): breaches(ast.parse(path.read_text())) for path in SOURCES}
    assert {path: what for path, what in found.items() if what} == {}


def test_messages_are_json():
    from webapp.celery import app

    assert app.conf.accept_content == ["json"]
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")


def test_what_django_keeps_in_valkey_is_json(databases):
    kept = {"times": [1.5, 2.5]}
    cache.set("kept", kept)
    assert cache.get("kept") == kept
    assert json.loads(redis.Redis.from_url(settings.VALKEY_URL).get(cache.make_key("kept"))) == kept
    cache.set("counted", 1)
    assert cache.incr("counted") == 2


def test_what_an_earlier_release_pickled_is_not_read(databases):
    redis.Redis.from_url(settings.VALKEY_URL).set(cache.make_key("old"), b"\x80\x05]\x94.")
    assert cache.get("old") is None


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
    ],
)
def test_each_disguise_is_known(code):
    assert breaches(ast.parse(code))
