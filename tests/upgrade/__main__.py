"""`python -m tests.upgrade MIGRATION`: write a small dump of the tables as they were then."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    [migration] = sys.argv[1:]
    home = Path(tempfile.mkdtemp(prefix="pupil-upgrade-"))
    home.chmod(0o711)  # PostgreSQL may have to run as another user
    os.environ |= {"PUPIL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    import django

    django.setup()
    from tests.servers import databases
    from webapp.embedded import paths, postgres

    with databases(home):
        postgres.create_database(home)
        _fill(migration)
        dump = subprocess.run(
            [
                str(postgres.BINARIES / "pg_dump"),
                *("--no-owner", "--no-privileges", "--inserts", "--no-comments"),
                paths.database_url(home),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    # What newer tools say to themselves, and what the tests' database has already.
    skipped = ("--", "\\restrict", "\\unrestrict", "SET transaction_timeout", "CREATE EXTENSION")
    kept = [line for line in dump.stdout.splitlines() if line and not line.startswith(skipped)]
    (FOLDER / f"{migration}.sql").write_text("\n".join(kept) + "\n")


def _fill(migration: str) -> None:
    """Migrate so far and write one of each thing."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import timezone
    from pgvector import HalfVector

    for app in ("contenttypes", "auth", "account", "sessions"):
        call_command("migrate", app, verbosity=0)
    call_command("migrate", "webapp", migration, verbosity=0)
    executor = MigrationExecutor(connection)
    apps = executor.loader.project_state(("webapp", migration)).apps

    def make(model: str, **fields: object) -> object:
        return apps.get_model("webapp", model).objects.create(**fields)

    user = make("User", email="old@example.org", password="pbkdf2_sha256$1$salt$hash")
    project = make("Project", name="Pets of “yore”")
    make("Membership", project=project, user=user, role="owner")
    rex = make("Concept", project=project, name="Rex", name_key="rex", colour="#2563eb")
    for number, said in enumerate((True, False, None)):
        image = make(
            "Image",
            project=project,
            sha256=f"{number:064x}",
            filename=f"photo {number}.jpg",
            content_type="image/jpeg",
            byte_size=1000 + number,
            width=320,
            height=240,
            original=f"projects/1/originals/{number}.jpg",
            status="ready",
            created_by=user,
        )
        if said is not None:
            make("Label", image=image, concept=rex, is_positive=said, set_by=user)
        vector = HalfVector([1.0, *[0.0] * 1919])
        make("Embedding", project=project, image=image, fingerprint="f" * 64, vector=vector)
    make(
        "Version",
        project=project,
        number=1,
        fingerprint="f" * 64,
        artifact="projects/1/versions/one.safetensors",
        concepts=[{"id": rex.pk, "name": "Rex"}],  # type: ignore[attr-defined]
        evaluation={"concepts": [], "images": 2, "wrong": []},
        labels_revision=1,
        seconds=0.2,
        created_by=user,
    )
    make("ApiToken", user=user, name="camera", prefix="pupil_old123", key_hash="a" * 64)
    make("Job", project=project, kind="teach", subject_id=project.pk, available_at=timezone.now())  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
