"""The errors that this package raises on purpose."""


class TrainingError(Exception):
    """Something that the person can understand and often mend.

    Attributes:
        code: stable, for programs.
        message: in the person's words, for the page.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ImageError(TrainingError):
    """A file is not a picture that can be used.

    Codes: ``empty_file``, ``file_too_large``, ``not_an_image``, ``unsupported_format``,
    ``too_many_pixels``, ``truncated_image``, ``decode_failed``.
    """


class BackboneError(TrainingError):
    """A backbone is unknown, not installed or not what it should be."""


class ArtifactError(TrainingError):
    """Bytes are not an artifact that this version can read."""


class LearningError(TrainingError):
    """A training set holds nothing to learn from, or does not fit together."""
