"""What the README promises, done to the letter."""

import contextlib
import io
import re

import pytest
from django.conf import settings

from tests.factories import UserFactory, jpeg
from webapp.services import accounts

pytestmark = pytest.mark.usefixtures("transactional_db")  # before the fixtures that fill it


def python_of_readme() -> str:
    readme = (settings.BASE_DIR / "README.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    return code


def test_six_lines_teach_rex(worker, site, tmp_path, monkeypatch):
    code = python_of_readme()
    assert len(code.splitlines()) == 6
    for name in ("rex1", "rex2", "rex3", "new"):
        (tmp_path / f"{name}.jpg").write_bytes(jpeg("gold", shape="disc"))
    _, token = accounts.create_token(user=UserFactory(), name="README")
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code.replace("http://127.0.0.1:8000", site).replace("TOKEN", token), {})  # noqa: S102
    assert re.fullmatch(
        r"\[\{'name': 'Rex', 'probability': [\d.]+, 'present': True\}\]\n", printed.getvalue()
    )
