"""Prints what extras of pyproject.toml install, for a layer of an image: requirements.py EXTRAS."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
wanted = [project["optional-dependencies"][extra] for extra in sys.argv[1].split(",")]
print("\n".join([*project["dependencies"], *(name for extra in wanted for name in extra)]))
