"""Every address there is, read from the URL map: what is added there is tested by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

ALL_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    parameters: frozenset[str]
    view: Any

    @property
    def operations(self) -> list[Any]:
        """The API's operations at this address; none where it is a page."""
        kept = [cell.cell_contents for cell in getattr(self.view, "__closure__", None) or ()]
        return [one for it in kept if isinstance(it, PathView) for one in it.operations]

    def path(self, **values: object) -> str:
        """Fill in the parameters."""
        path = "/" + self.route
        for converter in ("int", "str", "sha256", "slug", "key", "uidb36", "provider"):
            for name in self.parameters:
                value = str(values.get(name, "x"))
                path = path.replace(f"<{converter}:{name}>", value).replace(f"<{name}>", value)
        return path


def all_addresses() -> list[Address]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], route: str, namespace: str) -> Iterator[Address]:
    for pattern in patterns:
        here = route + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner)
        elif isinstance(pattern, URLPattern):
            parameters = frozenset(pattern.pattern.converters) | frozenset(
                pattern.pattern.regex.groupindex
            )
            name = f"{namespace}{pattern.name or ''}"
            yield Address(name, here, parameters, pattern.callback)


def _plain(route: str) -> str:
    return route.removeprefix("^").removesuffix("$").removesuffix("\\Z")
