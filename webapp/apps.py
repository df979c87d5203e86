"""The app, which brings checks of its own."""

from django.apps import AppConfig


class PupilConfig(AppConfig):
    name = "webapp"

    def ready(self) -> None:
        from webapp import checks, second_factor, signing_in  # noqa: F401  they register themselves
