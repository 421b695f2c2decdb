"""`[[communes]]` and `[[declared]]`: what is known of a province beside its network."""

from msgspec.structs import asdict

from inventory.convert import convert, found
from inventory.grammar import CommuneTable, DeclaredTable
from inventory.model import Commune, Declared
from inventory.problem import Problems
from inventory.read import Entry, Sources
from inventory.resolve import check_name, unknown_name


def resolve_communes(sources: Sources, problems: Problems) -> tuple[Commune, ...]:
    """`[[communes]]` of all files, each known by its name and district."""
    communes: dict[tuple[str, str], Commune] = {}
    for entry in sources.communes:
        table = convert(entry.raw, CommuneTable, entry.spot, problems, text=entry.text)
        if table is None:
            continue
        check_name(table.name, entry.spot / "name", problems)
        check_name(table.district, entry.spot / "district", problems)
        if (table.name, table.district) in communes:
            problems.add(entry.spot, f"found {found(table.name)} of {found(table.district)} twice")
        communes[table.name, table.district] = Commune(**asdict(table))
    return tuple(communes.values())


def resolve_declared(sources: Sources, problems: Problems) -> tuple[Declared, ...]:
    """`[[declared]]` of all files, one value for an indicator and district ("" is the province)."""
    districts = sorted(
        {
            district
            for entry in (*sources.sites.values(), *sources.communes)
            if isinstance(district := entry.raw.get("district"), str) and district
        }
    )
    declared: dict[tuple[str, str], Declared] = {}
    for entry in sources.declared:
        table = convert(entry.raw, DeclaredTable, entry.spot, problems, text=entry.text)
        if table is None:
            continue
        _check_value(table, entry, problems)
        if table.district and table.district not in districts:
            unknown_name("district", table.district, districts, entry.spot / "district", problems)
        if (table.indicator, table.district) in declared:
            of = f"of {found(table.district)}" if table.district else "of the whole province"
            problems.add(entry.spot, f"found {found(table.indicator)} {of} twice")
        declared[table.indicator, table.district] = Declared(
            indicator=table.indicator,
            value=table.value,
            district=table.district,
            source=table.source,
            as_of=str(table.as_of or ""),
        )
    return tuple(declared.values())


def _check_value(table: DeclaredTable, entry: Entry, problems: Problems) -> None:
    if table.indicator.endswith("_percent"):
        if table.value > 100:
            problems.add(entry.spot / "value", f"found {table.value:g}, allowed: 0..100, as it is a share in percent")
    elif table.value != int(table.value):
        problems.add(entry.spot / "value", f"found {table.value:g}, allowed: a whole number, as it is a count")
