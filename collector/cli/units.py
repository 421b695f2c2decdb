"""Figures as people read them."""


def bits_per_second(value: float | None) -> str:
    """`1_000_000_000` is "1 Gbps"; "" for None."""
    if value is None:
        return ""
    for factor, unit in ((1e9, "Gbps"), (1e6, "Mbps"), (1e3, "kbps")):
        if value >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.3g} bps"


def octets(value: float) -> str:
    """`2048` is "2.0 KiB"."""
    for factor, unit in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= factor:
            return f"{value / factor:.1f} {unit}"
    return f"{value:.0f} B"


def duration(seconds: float) -> str:
    """`90061` is "1 d 1 h"; the two largest parts."""
    parts: list[str] = []
    left = int(seconds)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, length)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def plain(value: float) -> str:
    """Six digits and no exponent: `1234567.8` is "1234568", `0.000012` is "0.000012"."""
    return (
        f"{value:.0f}"
        if abs(value) >= 1e6
        else f"{value:.6f}".rstrip("0").rstrip(".")
        if abs(value) < 1
        else f"{value:.6g}"
    )
