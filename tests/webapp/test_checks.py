"""`manage.py check --deploy` says what is unsafe; a good installation hears nothing."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

GOOD = {
    "PUPIL_PUBLIC_URL": "https://pupil.example.org",
    "PUPIL_SECRET_KEY": "only-for-this-test-" + "0123456789abcdefghij" * 3,
    "PUPIL_REQUESTS_PER_MINUTE": "600",
    "PUPIL_EMAIL_VERIFICATION": "mandatory",
    "PUPIL_EMAIL_FROM": "Pupil <pupil@example.org>",
    "PUPIL_TRUSTED_PROXIES": "1",
    "PUPIL_SIGNUP": "invited",
    "PUPIL_S3_BUCKET": "pupil",
    "EMAIL_HOST": "smtp.example.org",
    "DATABASE_URL": "postgresql://pupil:secret@db/pupil",
    "REDIS_URL": "redis://:secret@queue/0",
    "PUPIL_SCRATCH_URL": "redis://:secret@scratch/0",
}
EVERYTHING_WRONG = {
    "PUPIL_DEBUG": "yes",
    "PUPIL_FETCH_ALLOW_PRIVATE": "yes",
    "DATABASE_URL": "postgresql://pupil@db/pupil",
}


def check(tmp_path, **environment: str) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PUPIL_", "EMAIL_", "REDIS_", "DATABASE_", "DJANGO_"))
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=settings.BASE_DIR,
        env={**inherited, "PUPIL_HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_good_installation_hears_nothing(tmp_path):
    assert "no issues" in check(tmp_path, **GOOD)


def test_a_bad_one_hears_everything(tmp_path):
    told = check(tmp_path, **EVERYTHING_WRONG)
    for code in ("E001", "E003", "E004", "E005", "W001", "W003", "W005", "W006", "W008"):
        assert f"pupil.{code}" in told
    assert "security.W018" in told  # Django's own: DEBUG


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("PUPIL_PUBLIC_URL", "http://pupil.example.org", "E002"),
        ("REDIS_URL", "redis://queue/0", "W002"),
        ("PUPIL_EMAIL_VERIFICATION", "none", "W004"),
        ("PUPIL_SCRATCH_URL", "", "W007"),
        ("PUPIL_SCRATCH_URL", "redis://:secret@queue/1", "W007"),
        ("PUPIL_SIGNUP", "open", "W008"),
        ("PUPIL_TRUSTED_PROXIES", "0", "W009"),
        ("PUPIL_EMAIL_FROM", "", "W010"),
    ],
)
def test_each_is_told_by_itself(tmp_path, setting, value, code):
    assert f"pupil.{code}" in check(tmp_path, **{**GOOD, setting: value})


@pytest.mark.parametrize("limit", ["PUPIL_MAX_PICTURES_PER_PERSON", "PUPIL_MAX_GIGABYTES"])
def test_anybody_may_come_where_something_limits_what_is_kept(tmp_path, limit):
    assert "no issues" in check(tmp_path, **{**GOOD, "PUPIL_SIGNUP": "open", limit: "10"})
