"""Sizes of screws: which there are, and the largest that fits."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FluoroPrintError


@dataclass(frozen=True)
class ScrewFamily:
    """Screws of one make in all their sizes; parametric: a cylinder with a round tip, no vendor's shape.

    Attributes
    ----------
    id, title : to choose it by, and for people
    diameters_mm : outer diameters of the thread, ascending
    lengths_mm : from under the head to the tip, ascending
    sources : where the figures come from
    """

    id: str
    title: str
    diameters_mm: tuple[float, ...]
    lengths_mm: tuple[float, ...]
    sources: dict[str, str]

    def within(self, diameters_mm: tuple[float, float], lengths_mm: tuple[float, float]) -> ScrewFamily:
        """Return the family without the sizes beyond the bounds.

        Raises
        ------
        FluoroPrintError
            No size is left.
        """
        kept = [
            tuple(size for size in sizes if low <= size <= high)
            for sizes, (low, high) in ((self.diameters_mm, diameters_mm), (self.lengths_mm, lengths_mm))
        ]
        if not all(kept):
            raise FluoroPrintError(f"{self.title} has no size within the bounds: widen them.")
        return ScrewFamily(self.id, self.title, kept[0], kept[1], self.sources)


def largest_not_above(sizes_mm: tuple[float, ...], limit_mm: float) -> float | None:
    """Return the largest size that is not above the limit, None where all are; rounding does not count."""
    fitting = [size for size in sizes_mm if size <= limit_mm + 1e-6]
    return max(fitting) if fitting else None
