"""Work under way."""

from django.db.models import Q
from django.http import HttpRequest
from ninja import Router

from webapp.api.auth import user_of
from webapp.api.schemas.learning import JobOut
from webapp.errors import NotFound
from webapp.models import Job

router = Router(tags=["jobs"])


@router.get("/{int:job_id}", response=JobOut)
def get(request: HttpRequest, job_id: int) -> JobOut:
    user = user_of(request)
    in_projects = Q(project__members=user, project__erased_at=None)
    mine = Job.objects.filter(in_projects | Q(project=None, created_by=user))
    job = mine.filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job.", code="job_not_found")
    return JobOut.of(job)
