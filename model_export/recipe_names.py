"""The recipes that `--recipe` knows."""

from __future__ import annotations

from collections.abc import Mapping

from model_export.fp32 import fp32_fused
from model_export.recipes import Recipe

RECIPES: Mapping[str, Recipe] = {"fp32-fused": fp32_fused}
