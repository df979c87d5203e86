import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webapp", "0009_signs_and_background")]

    operations = [
        migrations.CreateModel(
            name="Views",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "vectors",
                    models.BinaryField(help_text="(V, D) little-endian float16, row by row."),
                ),
                (
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="webapp.image",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("image", "fingerprint"), name="one_set_of_views_per_backbone"
                    )
                ]
            },
        ),
        migrations.AlterField(
            model_name="job",
            name="kind",
            field=models.CharField(
                choices=[
                    ("index", "Index"),
                    ("teach", "Teach"),
                    ("draft", "Draft"),
                    ("refine", "Refine"),
                    ("export", "Export"),
                    ("import", "Import"),
                    ("group", "Group"),
                    ("care", "Care"),
                    ("view", "View"),
                    ("erase", "Erase"),
                ],
                max_length=10,
            ),
        ),
    ]
