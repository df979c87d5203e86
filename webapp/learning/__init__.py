"""The one door to `training`. It imports inside its functions: the web process has no torch.

Everything here speaks in bytes, arrays and plain values, and raises `PupilError`.
"""

from webapp.learning.backgrounds import (
    OTHER_BACKBONE,
    backbone,
    build_background,
    has_background,
    name_of,
    names,
    share_background,
)
from webapp.learning.fitting import fit, influence, warm_up_fitting
from webapp.learning.heads import (
    Record,
    check_artifact,
    decided,
    dump_head,
    load_head,
    load_record,
    parse_head,
    parse_record,
)
from webapp.learning.judging import Verdicts, f1_of, implied, paired
from webapp.learning.networks import (
    describe,
    dimensions,
    embedder,
    embedder_for,
    fingerprint,
    is_here,
    where,
)
from webapp.learning.pictures import (
    DISPLAY_MAX_SIDE,
    KEPT_MAX_SIDE,
    LONG_SIDE,
    THUMBNAIL_MAX_SIDE,
    crop,
    decode,
    decode_apart,
    display,
    look,
    probe,
    thumbnail,
)
from webapp.learning.refining import embedder_of_refined, refine, refined_embedder, tuned_from
from webapp.learning.viewing import embed_views, most_viewed, views_min_side

__all__ = [
    "DISPLAY_MAX_SIDE",
    "KEPT_MAX_SIDE",
    "LONG_SIDE",
    "OTHER_BACKBONE",
    "THUMBNAIL_MAX_SIDE",
    "Record",
    "Verdicts",
    "backbone",
    "build_background",
    "check_artifact",
    "crop",
    "decided",
    "decode",
    "decode_apart",
    "describe",
    "dimensions",
    "display",
    "dump_head",
    "embed_views",
    "embedder",
    "embedder_for",
    "embedder_of_refined",
    "f1_of",
    "fingerprint",
    "fit",
    "has_background",
    "implied",
    "influence",
    "is_here",
    "load_head",
    "load_record",
    "look",
    "most_viewed",
    "name_of",
    "names",
    "paired",
    "parse_head",
    "parse_record",
    "probe",
    "refine",
    "refined_embedder",
    "share_background",
    "thumbnail",
    "tuned_from",
    "views_min_side",
    "warm_up_fitting",
    "where",
]
