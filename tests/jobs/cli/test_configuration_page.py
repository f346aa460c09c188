"""The page of configuration keys agrees with the models."""

from pathlib import Path

from jobs.cli.config_table import config_rows

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_has_every_key_with_its_default_and_meaning():
    table = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert table == [
        f"| `{key}` | `{default}` | {meaning} |" for key, default, meaning in config_rows()
    ]
