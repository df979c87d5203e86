"""What changes things. Pages, API, tasks and commands all come through here."""
