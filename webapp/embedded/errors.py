"""What stops `manage.py up`, said in one line."""


class UpError(Exception):
    """The app can't start or go on; the message tells the user why and what to do."""
