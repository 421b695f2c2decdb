"""`collector demo`: the whole of it once, without the past that is computed for it."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from collector.cli.main import cli


def test_it_spares_an_inventory_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text("# mine\n")
    result = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert result.exit_code == 2
    assert "not the demo's" in result.output
    assert (tmp_path / "hosts.toml").read_text() == "# mine\n"


def test_the_whole_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "collector.cli.main", "demo", str(folder), "--cycles", "2", "--no-history"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stderr
    for expected in ("61 hosts", "runs on battery", "Ring lang-son is open", "/srv/backup", "Hữu Kiên", "index.html"):
        assert expected in result.stdout, result.stdout
    assert "Traceback" not in result.stderr
    assert "leaked" not in result.stderr
    pages = {path.name for path in (folder / "reports").iterdir()}
    assert {"index.html", "summary.html", "capacity-links.html", "topology.html"} <= pages
    assert "ISR4331/K9" in (folder / "reports" / "inventory.html").read_text()
