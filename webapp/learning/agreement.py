"""How far two people agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.agreement import Agreement


def agreement(both: int, first: int, second: int, neither: int) -> Agreement:
    from training.agreement import agreement

    return agreement(both, first, second, neither)
