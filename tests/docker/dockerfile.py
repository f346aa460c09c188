"""Reads a Dockerfile into its instructions."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Instruction(NamedTuple):
    """One instruction, its continued lines joined."""

    name: str
    words: str


def instructions(name: str) -> list[Instruction]:
    """The instructions of `docker/NAME.Dockerfile` in their order, without comments."""
    text = (ROOT / "docker" / f"{name}.Dockerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]


def copied(name: str) -> list[str]:
    """The files and folders of the checkout that `docker/NAME.Dockerfile` copies."""
    copies = [words.split()[:-1] for command, words in instructions(name) if command == "COPY"]
    return [source for sources in copies for source in sources]


def arguments(name: str) -> dict[str, str]:
    """The build arguments of `docker/NAME.Dockerfile` with their defaults."""
    pairs = [words.partition("=") for command, words in instructions(name) if command == "ARG"]
    return {argument: default for argument, _, default in pairs}
