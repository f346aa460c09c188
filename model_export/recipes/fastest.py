"""The recipe that looks for the fastest graph inside a gate, on the machine it runs on."""

import shutil

from model_export.parity import reference_vectors, require_parity, run_graph
from model_export.parity_texts import PARITY_TEXTS
from model_export.quantise.candidates import REFERENCE
from model_export.recipes.recipe import Outcome, RecipeContext
from model_export.recipes.tuning import Tuning
from model_export.search.choose import require_inside
from model_export.search.command import report_files
from model_export.search.gate import read_gate
from model_export.search.pairs import read_pairs
from model_export.search.report import as_table
from model_export.search.search import Options, search
from model_export.search.texts import catalogue_texts
from model_export.tolerances import FP32, Tolerances
from udfs.bundle import MODEL_FILE, TOKENIZER_FILE


def fastest(context: RecipeContext) -> Outcome:
    """Publish the fastest graph inside the gate, the fused float32 one where none is faster.

    The fused graph must give the model's vectors, since candidates are compared with it. Raises
    ParityError when it does not, or when the gate has a bound that not even the fused graph holds
    (a speed-up of 3, say), and SearchError when a file of the tuning cannot be read.
    """
    options = _options(context.tuning)
    context.listener.on_progress("comparing the fused graph with the model")
    reference = reference_vectors(context.model, PARITY_TEXTS)
    fused = require_parity(run_graph(context.encoder(context.fused), reference, PARITY_TEXTS), FP32)
    result = search(
        context.fused,
        context.draft,
        context.staged / TOKENIZER_FILE,
        context.scratch,
        options,
        lambda what, share: context.listener.on_progress(f"{share:.0%} {what}"),
    )
    context.listener.on_report(as_table(result))
    require_inside(result.choice)
    for file in result.graph.parent.iterdir():
        shutil.move(file, context.staged / file.name)
    if result.choice.name == REFERENCE:
        return Outcome(REFERENCE, fused, report_files(result))
    context.listener.on_progress("comparing the chosen graph with the model")
    quantised = Tolerances(
        min_cosine=options.gate.min_cosine,
        max_abs_difference=1.0,  # the cosine bounds it
        max_norm_error=1e-5,
        min_batch_cosine=options.gate.min_batch_cosine,
        max_batch_ulps=2**16,  # components near zero differ by many; the cosine bounds them too
    )
    run = run_graph(context.encoder(context.staged / MODEL_FILE), reference, PARITY_TEXTS)
    return Outcome(result.choice.name, require_parity(run, quantised), report_files(result))


def _options(tuning: Tuning) -> Options:
    return Options(
        quick=tuning.quick,
        gate=read_gate(tuning.gate),
        catalogue=() if tuning.catalogue is None else tuple(catalogue_texts(tuning.catalogue)),
        pairs=None if tuning.pairs is None else read_pairs(tuning.pairs),
        seed=tuning.seed,
    )
