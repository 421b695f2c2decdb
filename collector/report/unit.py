"""The units of figures in reports. How a number is written in its unit is the business of `language`."""

from enum import Enum


class Unit(Enum):
    """What a column or chart holds. The value is the symbol that stands beside numbers; "" where the words say it."""

    TEXT = ""
    """any text; numbers in it are names, not amounts"""
    COUNT = "#"
    """whole numbers of things"""
    NUMBER = "1"
    """plain numbers"""
    PERCENT = "%"
    BPS = "bit/s"
    """written with the prefix that fits: 2.5 Mbit/s"""
    BYTES = "B"
    """written with a binary prefix: 1.5 GiB"""
    BPS_PER_DAY = "bit/s/d"
    BYTES_PER_DAY = "B/d"
    SECONDS = "s"
    """durations, written as the two largest parts: 2 d 3 h"""
    HOURS = "h"
    DAYS = "d"
    DATE = "date"
    """ns since the epoch, written as a local day"""
    TIME = "time"
    """ns since the epoch, written as local day and time"""
    PER_SECOND = "1/s"
    WATT = "W"
    VOLT_AMPERE = "VA"
    AMPERE = "A"
    VOLT = "V"
    CELSIUS = "°C"

    @property
    def symbol(self) -> str:
        """As it stands beside a number that is not scaled."""
        return "" if self in (Unit.TEXT, Unit.COUNT, Unit.NUMBER, Unit.DATE, Unit.TIME) else self.value

    @property
    def is_number(self) -> bool:
        """Whether columns of it are aligned to the right and sorted by value."""
        return self is not Unit.TEXT
