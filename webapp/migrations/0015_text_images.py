import pgvector.django.halfvec
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0014_inspect'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('index', 'Index'), ('teach', 'Teach'), ('draft', 'Draft'), ('refine', 'Refine'), ('export', 'Export'), ('inspect', 'Inspect'), ('import', 'Import'), ('group', 'Group'), ('care', 'Care'), ('view', 'View'), ('text_image', 'Text Image'), ('erase', 'Erase')], max_length=10),
        ),
        migrations.CreateModel(
            name='TextDirection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64)),
                ('text', models.CharField(max_length=300)),
                ('vector', pgvector.django.halfvec.HalfVectorField(dimensions=1920)),
                ('strength', models.FloatField(help_text='What makes log-odds of a cosine.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('fingerprint', 'text'), name='one_direction_per_text')],
            },
        ),
    ]
