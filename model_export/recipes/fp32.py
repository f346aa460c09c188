"""The recipe that keeps float32: the fused graph as it is."""

import shutil

from model_export.fuse import RECIPE
from model_export.parity import reference_vectors, require_parity, run_graph
from model_export.parity_texts import PARITY_TEXTS
from model_export.recipes.recipe import Outcome, RecipeContext
from model_export.tolerances import FP32, Tolerances
from udfs.bundle import MODEL_FILE


def fp32_fused(context: RecipeContext, tolerances: Tolerances = FP32) -> Outcome:
    """Publish the fused graph as it is.

    Raises ParityError when its vectors differ from the model's by more than `tolerances`.
    """
    context.listener.on_progress(f"{len(PARITY_TEXTS)} texts, alone and in batches")
    encoder = context.encoder(context.fused)
    reference = reference_vectors(context.model, PARITY_TEXTS)
    figures = require_parity(run_graph(encoder, reference, PARITY_TEXTS), tolerances)
    # Weights beside the graph keep their name, which the graph refers to.
    for path in context.fused.parent.glob(f"{context.fused.name}*"):
        shutil.move(path, context.staged / path.name)
    assert (context.staged / MODEL_FILE).is_file()
    return Outcome(RECIPE, figures)
