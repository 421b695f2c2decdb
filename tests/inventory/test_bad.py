"""Every file in bad/ is one broken configuration; the lines behind `#!` at its end are what is said of it."""

from pathlib import Path

import pytest

from inventory.load import InventoryError, load

BAD = Path(__file__).parent / "bad"


def expected(path: Path) -> list[str]:
    return [line.removeprefix("#! ") for line in path.read_text().splitlines() if line.startswith("#! ")]


def said(path: Path) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        load(path)
    return str(caught.value).replace(f"{BAD}/", "").splitlines()


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_each_mistake_is_told_exactly(path: Path) -> None:
    assert said(path) == expected(path)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_no_message_tells_a_secret(path: Path) -> None:
    told = "\n".join(said(path))
    assert "hunter2" not in told
    assert "123456789" not in told
