import pgvector.django.bit
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Cast
from pgvector.django.indexes import HnswIndex


class Migration(migrations.Migration):
    dependencies = [("webapp", "0008_care")]

    operations = [
        migrations.RemoveIndex(model_name="embedding", name="embedding_nearest"),
        # Taken only as far as the graph grows: about 1 kB a vector while it is built.
        migrations.RunSQL("SET LOCAL maintenance_work_mem = '1GB'", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="embedding",
            index=HnswIndex(
                OpClass(
                    Cast(
                        models.Func(
                            "vector",
                            function="binary_quantize",
                            output_field=pgvector.django.bit.BitField(length=1920),
                        ),
                        pgvector.django.bit.BitField(length=1920),
                    ),
                    name="bit_hamming_ops",
                ),
                ef_construction=64,
                m=16,
                name="embedding_signs",
            ),
        ),
        migrations.AddField(
            model_name="job",
            name="is_background",
            field=models.BooleanField(
                default=False, help_text="Nobody waits for it: what people do now goes first."
            ),
        ),
        migrations.RemoveIndex(model_name="job", name="job_queue"),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                fields=["kind", "attempts", "is_background", "id"],
                name="job_queue",
                condition=models.Q(state="queued"),
            ),
        ),
    ]
