import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0010_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='label',
            name='is_settled',
            field=models.BooleanField(db_default=False, default=False, help_text='An owner decided it against other opinions.'),
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_positive', models.BooleanField()),
                ('said_at', models.DateTimeField(auto_now=True)),
                ('concept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opinions', to='webapp.concept')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='opinions', to='webapp.image')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('image', 'concept', 'user'), name='one_opinion_per_person')],
            },
        ),
        # What counts today is the opinion of who said it.
        migrations.RunSQL(
            "INSERT INTO webapp_opinion (image_id, concept_id, user_id, is_positive, said_at)"
            " SELECT image_id, concept_id, set_by_id, is_positive, set_at FROM webapp_label"
            " WHERE set_by_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
