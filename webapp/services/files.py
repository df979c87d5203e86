"""What Django's storage API leaves to be done."""

from collections.abc import Iterator

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


def walk(storage: Storage, folder: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield every folder that holds files, with their names in the storage."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return  # it went meanwhile
    prefix = f"{folder}/" if folder else ""
    if files:
        yield folder, [prefix + name for name in files]
    for name in folders:
        yield from walk(storage, prefix + name)
