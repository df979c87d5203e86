"""What makes a data set unusable as a whole."""


class FormatError(Exception):
    """Told to the person.

    Attributes:
        code: stable, for programs.
        message: in the person's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
