"""How far two people agree who judged the same things."""

from dataclasses import dataclass

import numpy as np

from training.estimates import Z_95, Estimate, wilson

_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Agreement:
    """Of two people.

    Attributes:
        count: how many things both judged.
        share: of those that they judged alike.
        kappa: the same beyond chance (1: always, 0: as by chance); None where chance alone would
            have them agree on everything.
    """

    count: int
    share: Estimate
    kappa: Estimate


def agreement(both: int, first: int, second: int, neither: int) -> Agreement:
    """Compare two people's yes and no.

    Cohen's kappa (Cohen, 1960) with its large-sample interval (Fleiss, Cohen & Everitt, 1969).

    Args:
        both: things to which both said yes.
        first: to which only the first did.
        second: to which only the second did.
        neither: to which both said no.
    """
    count = both + first + second + neither
    return Agreement(count, wilson(both + neither, count), _kappa(both, first, second, neither))


def _kappa(both: int, first: int, second: int, neither: int) -> Estimate:
    table = np.array([[both, first], [second, neither]], dtype=float)
    count = table.sum()
    if count == 0:
        return Estimate(None, None, None)
    table /= count
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    by_chance = float(rows @ columns)
    if by_chance == 1:
        return Estimate(None, None, None)
    observed = float(np.trace(table))
    kappa = (observed - by_chance) / (1 - by_chance)
    alike = table.diagonal() @ (1 - (rows + columns) * (1 - kappa)) ** 2
    unlike = first * (columns[0] + rows[1]) ** 2 + second * (columns[1] + rows[0]) ** 2
    variance = alike + (1 - kappa) ** 2 * unlike / count
    variance -= (kappa - by_chance * (1 - kappa)) ** 2
    error = np.sqrt(max(0.0, float(variance)) / count) / (1 - by_chance)
    spread = Z_95 * float(error)
    if spread < _NO_SPREAD:  # one never said otherwise: large-sample theory knows no interval here
        return Estimate(kappa, None, None)
    return Estimate(kappa, max(-1.0, kappa - spread), min(1.0, kappa + spread))
