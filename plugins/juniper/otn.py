"""Error ratios of Junos, which come as a mantissa and an exponent."""

from collector.plugin.model import Row


def bit_error_ratio(rows: list[Row]) -> list[Row]:
    """Bring the mantissa in `value` to the power of ten that the polled column `exponent` says: 5, 7 is 5e-7."""
    return [row for row in rows if _scaled(row)]


def _scaled(row: Row) -> bool:
    mantissa, exponent = row.fields.get("value"), row.fields.get("exponent")
    if not isinstance(mantissa, int | float) or not isinstance(exponent, int | float):
        return False
    row.fields["value"] = float(mantissa) / 10 ** int(exponent)
    return True
