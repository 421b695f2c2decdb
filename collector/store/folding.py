"""Putting samples together into windows, with numpy."""

from typing import TYPE_CHECKING

from collector.store.reading import Aggregate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def folded(
    cells: "NDArray[np.integer]",
    size: int,
    values: "NDArray[np.float64]",
    weights: "NDArray[np.float64] | None",
    times: "NDArray[np.int64] | None",
    how: Aggregate,
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """One value for each of `size` cells, NaN where nothing falls into it, and the weight it is made of.

    Args:
        cells: into which cell each value falls.
        values: NaN is no value.
        weights: how many samples each value stands for; None is one each.
        times: of the values, needed for their last one only; later than 1970.
    """
    import numpy as np

    present = ~np.isnan(values)
    if not present.all():
        cells, values = cells[present], values[present]
        weights = None if weights is None else weights[present]
        times = None if times is None else times[present]
    grid = np.full(size, np.nan)
    counts = np.asarray(np.bincount(cells, weights, size), dtype=np.float64)
    if how == "mean":
        if len(cells) == np.count_nonzero(counts):  # one for each: nothing to put together
            grid[cells] = values
        else:
            total = np.bincount(cells, values if weights is None else values * weights, size)
            np.divide(total, counts, out=grid, where=counts > 0)
    elif how == "max":
        np.fmax.at(grid, cells, values)
    elif how == "min":
        np.fmin.at(grid, cells, values)
    elif times is not None:
        newest = np.zeros(size, dtype=np.int64)
        np.maximum.at(newest, cells, times)
        last = newest[cells] == times
        grid[cells[last]] = values[last]
    return grid, counts
