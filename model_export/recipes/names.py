"""The recipes that `--recipe` knows; a recipe is imported, with its tools, when it is used."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from model_export.errors import ExportError

if TYPE_CHECKING:
    from model_export.recipes.recipe import Recipe

SEARCHED = "searched"

RECIPES: Mapping[str, str] = {
    SEARCHED: "model_export.recipes.fastest:fastest",
    "fp32-fused": "model_export.recipes.fp32:fp32_fused",
    "distilled-layers": "model_export.distil.students:distilled_layers",
    "distilled-tokens": "model_export.distil.students:distilled_tokens",
}
"""Module and function by name."""


def require_recipe(name: str) -> None:
    """Raise ExportError unless there is a recipe of this name."""
    if name not in RECIPES:
        raise ExportError(f"recipe {name!r}: use one of {', '.join(RECIPES)}")


def recipe_of(name: str) -> "Recipe":
    """Import the recipe of this name and return it.

    Raises ExportError when there is none.
    """
    require_recipe(name)
    module, _, function = RECIPES[name].partition(":")
    recipe: Recipe = getattr(import_module(module), function)
    return recipe
