import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0016_lean_tables'),
    ]

    operations = [
        migrations.AlterField(
            model_name='opinion',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='opinion',
            name='person',
            field=models.CharField(blank=True, db_default='', default='', help_text='Tells those apart who have no account here: it came along with its project.', max_length=30),
        ),
        migrations.AddConstraint(
            model_name='opinion',
            constraint=models.UniqueConstraint(condition=Q(user=None), fields=('image', 'concept', 'person'), name='one_opinion_per_person_elsewhere'),
        ),
    ]
