"""When it pays to tune the network itself."""

from webapp.models import Job, Version

# Refining is told by three-fold cross-validation: from fewer examples it can't tell anything.
LEAST_EXAMPLES = 8
LEAST_CONCEPTS = 2
GOOD_ENOUGH = 0.95


def may_help(version: Version) -> bool:
    """Say whether a version's figures give reason to try refining, and nobody did since.

    They do where the version is surely worse than what is good enough, so that more than chance is
    missing, and every concept has the examples to learn from and to judge by.
    """
    evaluation = version.evaluation
    best = evaluation.get("accuracy", {}).get("high")
    concepts = evaluation["concepts"]
    if best is None or best >= GOOD_ENOUGH or version.refinement or len(concepts) < LEAST_CONCEPTS:
        return False
    if any(concept["support"] < LEAST_EXAMPLES for concept in concepts):
        return False
    return version.project.version_id == version.pk and not _was_tried(version)


def _was_tried(version: Version) -> bool:
    made = Version.objects.filter(project=version.project_id, refinement__from=version.number)
    ended = [Job.State.SUCCEEDED, Job.State.FAILED]
    tried = Job.objects.filter(
        project=version.project_id,
        kind=Job.Kind.REFINE,
        state__in=ended,
        created_at__gt=version.created_at,
    )
    return made.exists() or tried.exists()
