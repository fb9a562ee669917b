"""What stands in Annotated[...] of a parameter."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Default:
    """The value before any is set."""

    value: Any = None


@dataclass(frozen=True)
class Decimals:
    """How many decimals a widget shows."""

    value: int


@dataclass(frozen=True)
class SingleStep:
    """The step of a widget."""

    value: float


class Validator:
    """Refuses values."""

    minimum = None
    maximum = None

    def validate(self, value):
        """Raise ValueError where the value lies outside."""
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"{value} is below {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"{value} is above {self.maximum}")


class WithinRange(Validator):
    """Bounds on both sides, inclusive."""

    def __init__(self, minimum, maximum):
        self.minimum, self.maximum = minimum, maximum


class Minimum(Validator):
    """A lower bound, inclusive."""

    def __init__(self, minimum):
        self.minimum = minimum


class Maximum(Validator):
    """An upper bound, inclusive."""

    def __init__(self, maximum):
        self.maximum = maximum


class Choice(Validator):
    """One of some values."""

    def __init__(self, choices):
        self.choices = choices

    def validate(self, value):
        """Raise ValueError where the value is none of them."""
        if value not in self.choices:
            raise ValueError(f"{value} is none of {self.choices}")
