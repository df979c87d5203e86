"""What Django's storage API leaves to be done."""

from django.core.files.storage import Storage


def delete_folder(storage: Storage, folder: str) -> None:
    """Remove everything under a folder; one that is not there is fine."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        storage.delete(f"{folder}/{name}")
    for name in folders:
        delete_folder(storage, f"{folder}/{name}")
    storage.delete(folder)
