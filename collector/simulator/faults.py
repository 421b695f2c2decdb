"""What can be wrong with an agent. Every fault was met in the field; they combine."""

from dataclasses import dataclass, fields

from collector.smi.oid import Oid


@dataclass(frozen=True, slots=True)
class Faults:
    """How an agent misbehaves.

    Attributes:
        drop: share of requests, 0 to 1, that are lost.
        delay_s: every answer comes this much later.
        varbind_delay_s: and this much for each varbind in it: a slow CPU.
        dead: no answer at all.
        loop: GETNEXT and GETBULK answer with the name that was asked, so that a walk never gets on.
        endless: in ifTable and ifXTable there is always one more row.
        garbage: octets that are no SNMP.
        truncate: answers cut off in the middle.
        wrong_id: the answer bears another request id.
        duplicate: every answer comes twice.
        max_bytes: the largest answer; what does not fit is tooBig, a GETBULK is cut.
        silent_bytes: larger answers never arrive, as behind a path that loses fragments.
        gen_err: a request that would be answered with one of these names fails with genErr.
    """

    drop: float = 0.0
    delay_s: float = 0.0
    varbind_delay_s: float = 0.0
    dead: bool = False
    loop: bool = False
    endless: bool = False
    garbage: bool = False
    truncate: bool = False
    wrong_id: bool = False
    duplicate: bool = False
    max_bytes: int = 1472
    silent_bytes: int | None = None
    gen_err: frozenset[Oid] = frozenset()


NO_FAULTS = Faults()

_NUMBERS = {"drop": float, "delay_s": float, "varbind_delay_s": float, "max_bytes": int, "silent_bytes": int}
_FLAGS = tuple(field.name for field in fields(Faults) if field.default is False)


def parse_faults(text: str) -> Faults:
    """Faults from `"delay_s=0.2,duplicate"`: flags by name, numbers with a value.

    Raises:
        ValueError: an unknown fault, or a number that is none.
    """
    found: dict[str, object] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = item.partition("=")
        if name in _FLAGS and not equals:
            found[name] = True
        elif name in _NUMBERS:
            try:
                found[name] = _NUMBERS[name](value)
            except ValueError:
                raise ValueError(f"fault {name}: {value!r} is no number") from None
        else:
            allowed = ", ".join((*_FLAGS, *(f"{number}=N" for number in _NUMBERS)))
            raise ValueError(f"unknown fault {item!r}; there are {allowed}")
    return Faults(**found)  # type: ignore[arg-type]
