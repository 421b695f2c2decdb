"""The catalogues have every message of the reports, translated, and no others."""

import ast
import io
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from collector.report.language import CODES, FOLDER, Language
from collector.report.say import say

KEYWORDS: dict[str, tuple[int, ...] | None] = {"say": None, "say_many": (1, 2)}
SOURCES = (*FOLDER.parent.rglob("*.py"), FOLDER.parents[1] / "cli" / "report_table.py")
"""whose messages are in the catalogues, as in the Makefile"""
FIELD = re.compile(r"\{(\w+)\}")


@cache
def messages() -> frozenset[tuple[str, ...]]:
    """What the source says: (message,) or (singular, plural)."""
    return frozenset(
        (each,) if isinstance(each, str) else tuple(each)
        for path in SOURCES
        for _, each, _, _ in extract_from_file("python", path, keywords=KEYWORDS)
    )


@cache
def translated(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as source:
        return read_po(source, locale=code)


def strings(message: Message) -> list[str]:
    """The translation: one string, or one for each plural form."""
    string = message.string
    return [string] if isinstance(string, str) else [str(each or "") for each in string or ("",)]


def key(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def test_every_language_but_english_has_a_catalogue() -> None:
    assert {path.stem for path in FOLDER.glob("*.po")} == set(CODES) - {"en"}


def test_messages_are_literals() -> None:
    """Extraction passes over calls that it cannot read, such as one with an f-string."""
    offences = [
        f"{path.name}:{call.lineno}"
        for path in SOURCES
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        for message in call.args[: len(KEYWORDS[call.func.id] or (1,))]
        if not (isinstance(message, ast.Constant) and isinstance(message.value, str))
    ]
    assert offences == []


@pytest.mark.parametrize("code", sorted(set(CODES) - {"en"}))
def test_catalogues_are_whole(code: str) -> None:
    """Bring them up to date by `make messages`, then translate."""
    entries = {key(message): message for message in translated(code) if message.id}
    assert messages() - entries.keys() == set(), "messages that the catalogue lacks"
    assert entries.keys() - messages() == set(), "entries that no report says any more"
    assert list(translated(code).obsolete) == []
    assert [name for name, message in entries.items() if message.fuzzy] == []
    untranslated = [name for name, message in entries.items() if not all(strings(message))]
    assert untranslated == []


@pytest.mark.parametrize("code", sorted(set(CODES) - {"en"}))
def test_translations_have_the_fields_of_their_messages(code: str) -> None:
    for message in translated(code):
        if message.id:
            wanted = set(FIELD.findall(key(message)[-1]))
            for string in strings(message):
                assert not string or set(FIELD.findall(string)) == wanted, message.id
                assert string.count("{") == len(FIELD.findall(string)), message.id


def test_a_catalogue_is_compiled_when_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Catalog(locale="vi")
    own.add("Fine, {name}", "Tốt, {name}")
    own.add("Doubtful", "Chưa chắc", flags=["fuzzy"])
    written = io.BytesIO()
    write_po(written, own)
    (tmp_path / "vi.po").write_bytes(written.getvalue())
    monkeypatch.setattr("collector.report.language.FOLDER", tmp_path)
    from tests.report.test_language import HANOI

    language = Language("vi", HANOI)
    assert language.text(say("Fine, {name}", name="r1")) == "Tốt, r1"
    assert language.text(say("Doubtful")) == "Doubtful"
    assert language.text(say("Unknown")) == "Unknown"
