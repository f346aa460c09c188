"""Small stand-ins: a bundle of two tiny files, and an encoder that counts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from udfs.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    Manifest,
    ParityFigures,
    Prompts,
    hash_files,
    manifest_to_json,
    read_manifest,
)
from udfs.encoder import Kind


def manifest(files: dict[str, str]) -> Manifest:
    return Manifest(
        name="tiny",
        version="1",
        source="a folder",
        revision="0" * 64,
        files=files,
        dim=2,
        pooling="mean",
        prompts=Prompts(query="q: ", document=""),
        max_tokens=8,
        pad_token_id=0,
        recipe="none",
        parity=ParityFigures(1, 1.0, 0.0, 1.0, 0),
        tools={"python": "3.11"},
        created_at="2025-01-01T00:00:00+00:00",
    )


def tiny_bundle(folder: Path) -> Path:
    """A bundle that verifies and that no session would open."""
    folder.mkdir(parents=True)
    (folder / MODEL_FILE).write_bytes(b"graph")
    (folder / TOKENIZER_FILE).write_bytes(b"{}")
    write_manifest(folder, manifest(hash_files(folder)))
    return folder


def copy_of(bundle: Path, folder: Path) -> Path:
    """A copy to tamper with; the big graph is linked."""
    folder.mkdir()
    (folder / MODEL_FILE).symlink_to(bundle / MODEL_FILE)
    for source in bundle.iterdir():
        if source.name != MODEL_FILE:
            (folder / source.name).write_bytes(source.read_bytes())
    return folder


def with_prompts(bundle: Path, folder: Path, prompts: Prompts) -> Path:
    """A copy of a bundle with other prompts and a manifest that fits."""
    copy = copy_of(bundle, folder)
    write_manifest(copy, replace(read_manifest(bundle), prompts=prompts))
    return copy


def write_manifest(folder: Path, content: Manifest) -> None:
    (folder / MANIFEST_FILE).write_bytes(manifest_to_json(content))


class CountingEncoder:
    """Vectors on a circle by a text's length; remembers every text it was asked for."""

    dim = 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        self.asked += texts
        angles = np.array([len(text) + (kind == "query") for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)
