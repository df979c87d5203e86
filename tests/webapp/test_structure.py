"""The walls between the rooms stand."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from webapp.celery import QUEUES

WEBAPP = settings.BASE_DIR / "webapp"
BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise AssertionError(name + ' is imported')
sys.meta_path.insert(0, Blocked())
"""


def import_without(blocked: set[str], code: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(blocked=blocked) + code],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_training_knows_no_django():
    modules = [
        path.relative_to(settings.BASE_DIR).with_suffix("").parts
        for path in sorted((settings.BASE_DIR / "training").rglob("*.py"))
    ]
    # The benchmark is run by people, not by the app, and brings its own libraries.
    names = [".".join(parts) for parts in modules if not {"__main__", "benchmark"} & set(parts)]
    code = "\n".join(f"import {name.removesuffix('.__init__')}" for name in names)
    import_without({"django", "webapp", "celery", "redis", "psycopg2"}, code)


def test_no_torch_before_it_is_needed():
    modules = ["webapp.asgi", "webapp.urls", *(f"webapp.tasks.{queue}" for queue in QUEUES)]
    code = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'webapp.settings'\n"
    code += f"import django; django.setup(); import {', '.join(modules)}"
    import_without({"torch", "timm", "openvino", "scipy"}, code)


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize(
    ("rooms", "forbidden"),
    [
        (["models"], ("webapp.services", "webapp.selectors", "webapp.api", "webapp.views")),
        (["selectors"], ("webapp.services", "webapp.api", "webapp.views", "webapp.tasks")),
        (["services"], ("webapp.api", "webapp.views", "webapp.tasks")),
        (["api", "tasks"], ("webapp.views",)),
    ],
)
def test_arrows_point_one_way(rooms, forbidden):
    for room in rooms:
        for path in (WEBAPP / room).rglob("*.py"):
            wrong = [name for name in imports_of(path) if name.startswith(forbidden)]
            assert not wrong, f"{path.name} imports {wrong}"


def test_one_door_to_training():
    for path in WEBAPP.rglob("*.py"):
        if path.parent == WEBAPP / "learning" or "benchmark" in {path.stem, path.parent.name}:
            continue
        at_top = {name for name in imports_of(path) if name.split(".")[0] == "training"}
        text = path.read_text()
        # For the type checker alone.
        assert not at_top or text.index("if TYPE_CHECKING") < text.index("from training")
