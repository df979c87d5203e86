import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0013_limits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='job',
            name='project',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='webapp.project'),
        ),
        migrations.AlterField(
            model_name='job',
            name='kind',
            field=models.CharField(choices=[('index', 'Index'), ('teach', 'Teach'), ('draft', 'Draft'), ('refine', 'Refine'), ('export', 'Export'), ('inspect', 'Inspect'), ('import', 'Import'), ('group', 'Group'), ('care', 'Care'), ('view', 'View'), ('erase', 'Erase')], max_length=10),
        ),
        migrations.AlterField(
            model_name='import',
            name='format',
            field=models.CharField(blank=True, default='', help_text="The reader's name, once that is known.", max_length=30),
        ),
        migrations.AlterField(
            model_name='import',
            name='report',
            field=models.JSONField(blank=True, default=dict, help_text='What would happen; empty until it is looked through.'),
        ),
        migrations.AddField(
            model_name='import',
            name='job',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='webapp.job'),
        ),
        # Those under way are known by their subject.
        migrations.RunSQL(
            "UPDATE webapp_import SET job_id = (SELECT max(id) FROM webapp_job"
            " WHERE kind = 'import' AND subject_id = webapp_import.id)"
            " WHERE project_id IS NOT NULL",
            migrations.RunSQL.noop,
        ),
    ]
