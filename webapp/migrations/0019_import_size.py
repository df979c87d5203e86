from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webapp", "0018_usage"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="byte_size",
            field=models.PositiveBigIntegerField(db_default=0, help_text="Of the file."),
        ),
    ]
