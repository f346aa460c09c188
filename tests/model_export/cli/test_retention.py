"""Removing old versions."""

import json

from tests.model_export.cli.builders import run
from udfs.registry.registry import open_registry


def test_a_clean_up_says_what_it_would_do_and_does_it(registry):
    options = ("prune", "--registry", registry, "--name", "t", "--keep", 1, "--json")
    printed = json.loads(run(*options, "--dry-run").stdout)
    assert printed["removed"] == ["t@1"]
    assert open_registry(registry).versions("t") == ["1", "2"]
    run(*options)
    assert open_registry(registry).versions("t") == ["2"]
