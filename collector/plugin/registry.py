"""Finds families: the built-in ones, those of installed packages, and a user's own.

A family is a file, and its name is the file's path below its folder: `cisco/ios` is `cisco/ios.toml`. So a family that is
known by name costs its own few files; only matching looks into all of them, and there only at their heads.
"""

import gc
import importlib.util
import threading
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from collector.plugin.cli import FILE as CLI_FILE
from collector.plugin.compile import Layer, compile_family, layers_of, parse_file, roots_of
from collector.plugin.errors import FamilyError, Problem, unknown
from collector.plugin.facts import object_ids_in
from collector.plugin.match import GENERIC, Match, Rule, judge, may_fit, read_rules
from collector.plugin.profile import Family
from collector.plugin.reader import Reader
from collector.plugin.reuse import Tables
from collector.smi.oid import Oid
from collector.smi.value import Value

if TYPE_CHECKING:
    from collector.plugin.cli.model import CliFamily

ENTRY_POINTS = "collector.plugins"
"""packages that bring families name their module (a package with TOML files in it) in this group"""


class Registry:
    """All families there are. A file that is needed is read once.

    Attributes:
        problems: why families cannot be matched, where their files have mistakes; filled by `match` and `probe_oids`.
            One bad file costs its own family, not the others.
    """

    def __init__(self, folders: Sequence[Path], more_folders: Callable[[], Iterable[Path]] = tuple) -> None:
        """`folders` are looked through in their order: a family in an earlier one hides its namesakes.

        `more_folders` come last, and are only asked for when the others do not suffice.
        """
        self._folders = tuple(folders)
        self._more_folders = more_folders
        self._families: dict[str, Family] = {}
        self._rooted: dict[str, dict[tuple[str, ...], Family]] = {}
        self._clis: dict[str, CliFamily | None] = {}
        self._cli_names: list[str] | None = None
        self._compiling = threading.RLock()  # a hundred threads at once may ask what their devices are
        self._layers: dict[str, Layer] = {}
        self._tables = Tables()
        self._rules: dict[str, tuple[Rule, ...]] | None = None
        self.problems: list[Problem] = []

    @classmethod
    def open(cls, plugin_folders: Sequence[Path] = ()) -> "Registry":
        """The user's folders first, then the built-in one, then those of installed packages."""
        return cls([*plugin_folders, _folder_of("plugins")], _package_folders)

    def names(self) -> list[str]:
        """All families and mix-ins, sorted."""
        return sorted(self._paths())

    def path(self, name: str) -> Path:
        """The file of a family.

        Raises:
            FamilyError: there is none of that name.
        """
        for folder in self._all_folders():
            path = folder / f"{name}.toml"
            if path.is_file():
                return path
        raise FamilyError([Problem("", "", unknown("family", name, self.names()))])

    def family(self, name: str, sys_object_id: str = "") -> Family:
        """A family, compiled, with its roots where a device of that sysObjectID has them.

        Raises:
            FamilyError: there is none of that name, or its files have mistakes.
        """
        found = self._families.get(name)
        if found is None:
            self.path(name)
            with no_garbage():
                found = self._families[name] = compile_family(
                    layers_of(name, self._layer, self.names), read=self._tables
                )
        if not found.roots_move or not sys_object_id:
            return found
        layers = layers_of(name, self._layer, self.names)
        places = tuple(roots_of(layers, sys_object_id, []).values())
        placed = self._rooted.setdefault(name, {})
        if places not in placed:
            placed[places] = compile_family(layers, sys_object_id, self._tables)
        return placed[places]

    def cli(self, name: str) -> "CliFamily | None":
        """The command-line side of a family, None where it has none.

        Raises:
            FamilyError: its file has mistakes.
        """
        with self._compiling:
            if name not in self._clis:
                paths = (folder / name / CLI_FILE for folder in self._all_folders())
                path = next(filter(Path.is_file, paths), None)
                self._clis[name] = _compiled_cli(name, path, self.cli) if path else None
            return self._clis[name]

    def is_only_cli(self, name: str) -> bool:
        """Whether a family is known to command lines, and not to SNMP."""
        return (
            not any((folder / f"{name}.toml").is_file() for folder in self._all_folders())
            and self.cli(name) is not None
        )

    def cli_names(self) -> list[str]:
        """All families with a command-line side, sorted; looked for once, as it takes a tenth of a second."""
        with self._compiling:
            if self._cli_names is None:
                found = {
                    path.parent.relative_to(folder).as_posix()
                    for folder in self._all_folders()
                    for path in folder.rglob(CLI_FILE)
                }
                self._cli_names = sorted(found)
            return self._cli_names

    def probe_oids(self, sys_object_id: str, sys_descr: str) -> list[Oid]:
        """Instances to GET before `match`: those of the rules that fit as far as the system group tells."""
        rules = (rule for rules in self._all_rules().values() for rule in rules if rule.probes)
        fitting = (rule for rule in rules if may_fit(rule, sys_object_id, sys_descr))
        return list(dict.fromkeys(probe.oid for rule in fitting for probe in rule.probes))

    def candidates(self, sys_object_id: str, sys_descr: str) -> list[str]:
        """The families that fit as far as the system group tells, and the generic one."""
        return [
            *(
                name
                for name, rules in self._all_rules().items()
                if any(may_fit(rule, sys_object_id, sys_descr) for rule in rules)
            ),
            GENERIC,
        ]

    def match(self, sys_object_id: str, sys_descr: str, probes: Mapping[Oid, Value]) -> list[Match]:
        """The families that fit a device, best first; the generic one is always the last."""
        best: dict[str, Match] = {}
        for family, rules in self._all_rules().items():
            for rule in rules:
                found = judge(family, rule, sys_object_id, sys_descr, probes)
                if found and (family not in best or found.score > best[family].score):
                    best[family] = found
        ordered = sorted(best.values(), key=lambda match: (-match.score, match.family))
        return [*ordered, Match(GENERIC, 0, "no other family is needed for the standard MIBs")]

    def check_file(self, path: Path) -> list[Problem]:
        """All that is wrong with a family file, or a cli.toml, which need not lie in any of the folders."""
        own = self._name_of(path)
        try:
            if path.name == CLI_FILE:
                _compiled_cli(own, path, lambda name: self.cli(name) or self._cli_near(path, name))
                return []
            layers = layers_of(
                own, lambda name: parse_file(name, path) if name == own else self._near(path, name), self.names
            )
            family = compile_family(layers)
            for file in {way.object_ids_file for ways in family.facts.values() for way in ways}:
                if file:
                    object_ids_in(file)
        except FamilyError as error:
            return list(error.problems)
        return []

    def _name_of(self, path: Path) -> str:
        """What a file would be called as a family."""
        file = path.resolve()
        called = file.parent if path.name == CLI_FILE else file.with_suffix("")
        for folder in self._folders:
            if file.is_relative_to(folder.resolve()):
                return called.relative_to(folder.resolve()).as_posix()
        return f"{called.parent.name}/{called.name}"

    def _cli_near(self, path: Path, name: str) -> "CliFamily | None":
        """The command-line side of a family in the folder that holds the maker's folder of the cli.toml at `path`."""
        beside = path.resolve().parent.parent.parent / name / CLI_FILE
        return _compiled_cli(name, beside, self.cli) if beside.is_file() else None

    def _near(self, path: Path, name: str) -> Layer:
        """A mix-in of the file at `path`: one of ours, or one in the folder that the file's own folder lies in."""
        try:
            return self._layer(name)
        except KeyError:
            beside = path.resolve().parent.parent / f"{name}.toml"
            if not beside.is_file():
                raise
            return parse_file(name, beside)

    def _layer(self, name: str) -> Layer:
        """Raises KeyError where there is no such file, FamilyError where it is no TOML."""
        if name not in self._layers:
            try:
                path = self.path(name)
            except FamilyError:
                raise KeyError(name) from None
            self._layers[name] = parse_file(name, path)
        return self._layers[name]

    def _all_folders(self) -> Iterator[Path]:
        yield from self._folders
        yield from self._more_folders()

    def _paths(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self._all_folders():
            for path in folder.rglob("*.toml"):
                if path.name == CLI_FILE:
                    continue
                found.setdefault(path.relative_to(folder).with_suffix("").as_posix(), path)
        return found

    def _all_rules(self) -> dict[str, tuple[Rule, ...]]:
        if self._rules is None:
            self._rules = {name: _rules_in(path, self.problems) for name, path in self._paths().items()}
        return self._rules


def _compiled_cli(name: str, path: Path, find: "Callable[[str], CliFamily | None]") -> "CliFamily":
    from collector.plugin.cli.compile import compile_cli  # polls by SNMP alone never need it

    return compile_cli(name, path, find)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Compiling makes tens of thousands of objects that stay: with many families, looking for garbage among them again and
    again took two thirds of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _rules_in(path: Path, problems: list[Problem]) -> tuple[Rule, ...]:
    """The [[match]] tables of a file; none where one of them has a mistake, as it might then fit too much.

    Hundreds of families are looked through for a match, so only a file's head is parsed where they all stand there.
    """
    own: list[Problem] = []
    rules: tuple[Rule, ...] = ()
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        if "[[match]]" in text:
            head = _head(text)
            data = tomllib.loads(head if head.count("[[match]]") == text.count("[[match]]") else text)
            rules = read_rules(Reader(data, str(path), "", own))
    except (OSError, tomllib.TOMLDecodeError) as error:
        own.append(Problem(str(path), "", str(error)))
    problems += own
    return () if own else rules


def _head(text: str) -> str:
    """`text` up to the first table that is no [[match]]."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("[") and not line.startswith("[[match"):
            break
        lines.append(line)
    return "\n".join(lines)


def _folder_of(package: str) -> Path:
    """Where a package's files are, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FamilyError([Problem("", "", f"there is no package {package!r}: the installation is incomplete")])
    return Path(spec.submodule_search_locations[0])


def _package_folders() -> Iterable[Path]:
    from importlib.metadata import entry_points  # takes longer than a family, and is seldom needed

    for point in entry_points(group=ENTRY_POINTS):
        yield _folder_of(point.value)
