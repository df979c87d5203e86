import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What comes or goes is noted by whatever statement it does so, also one that goes past Django.
_TRIGGERS = """
CREATE FUNCTION webapp_note_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webapp_usage (project_id, person_id, pictures, bytes)
    SELECT project_id, created_by_id, count(*), sum(byte_size) FROM came GROUP BY 1, 2;
    RETURN NULL;
END $$;

CREATE FUNCTION webapp_note_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webapp_usage (project_id, person_id, pictures, bytes)
    SELECT project_id, created_by_id, -count(*), -sum(byte_size) FROM went GROUP BY 1, 2;
    RETURN NULL;
END $$;

CREATE FUNCTION webapp_note_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webapp_usage (project_id, person_id, pictures, bytes) VALUES
        (OLD.project_id, OLD.created_by_id, -1, -OLD.byte_size),
        (NEW.project_id, NEW.created_by_id, 1, NEW.byte_size);
    RETURN NULL;
END $$;

CREATE TRIGGER note_came AFTER INSERT ON webapp_image
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION webapp_note_came();
CREATE TRIGGER note_went AFTER DELETE ON webapp_image
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION webapp_note_went();
CREATE TRIGGER note_moved AFTER UPDATE OF project_id, created_by_id, byte_size ON webapp_image
    FOR EACH ROW WHEN (
        (OLD.project_id, OLD.created_by_id, OLD.byte_size)
        IS DISTINCT FROM (NEW.project_id, NEW.created_by_id, NEW.byte_size)
    ) EXECUTE FUNCTION webapp_note_moved();
"""
_NO_TRIGGERS = """
DROP TRIGGER note_came ON webapp_image;
DROP TRIGGER note_went ON webapp_image;
DROP TRIGGER note_moved ON webapp_image;
DROP FUNCTION webapp_note_came, webapp_note_went, webapp_note_moved;
"""
# The triggers keep others from writing pictures until this is in: a second for a million.
_COUNT = """
INSERT INTO webapp_usage (project_id, person_id, pictures, bytes)
SELECT project_id, created_by_id, count(*), sum(byte_size) FROM webapp_image GROUP BY 1, 2;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webapp", "0017_opinions_elsewhere"),
    ]

    operations = [
        migrations.CreateModel(
            name="Usage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="webapp.project")),
                ("person", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("pictures", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project"], name="usage_of_project"),
                    models.Index(fields=["person"], name="usage_of_person"),
                ],
            },
        ),
        migrations.RunSQL(_TRIGGERS, _NO_TRIGGERS),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
