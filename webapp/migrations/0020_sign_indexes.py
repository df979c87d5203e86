from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """Drop the index of all projects' signs: large projects get one each, while nobody waits."""

    atomic = False

    dependencies = [("webapp", "0019_import_size")]

    operations = [RemoveIndexConcurrently("embedding", "embedding_signs")]
