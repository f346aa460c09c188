"""The recipes of students: fewer layers, or none."""

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from model_export.distil.learn import Learned, learn
from model_export.distil.shallow import shallow
from model_export.distil.token_table import TokenTableModule, first_table, table_graph
from model_export.distil.training_texts import TrainingTexts, prepare_training_texts
from model_export.errors import ParityError
from model_export.export import export_graph
from model_export.fuse import fuse_graph
from model_export.parity import reference_vectors, require_parity, run_graph
from model_export.parity_texts import PARITY_TEXTS
from model_export.quantise.candidate_inputs import CandidateInputs
from model_export.quantise.candidates import CANDIDATES, REFERENCE
from model_export.recipes.recipe import Outcome, RecipeContext
from model_export.search.choose import choose
from model_export.search.command import report_files
from model_export.search.gate import Gate, read_gate
from model_export.search.judge import Effort, Judge, batches_of
from model_export.search.measurement import Measurement
from model_export.search.pairs import read_pairs
from model_export.search.processor import this_processor
from model_export.search.report import as_table
from model_export.search.search import QUICK_EFFORT, SearchResult
from model_export.search.texts import catalogue_texts
from model_export.source.sentence_encoder import SentenceEncoder
from model_export.tolerances import Tolerances
from udfs.bundle import MODEL_FILE, TOKENIZER_FILE
from udfs.texts import clean

STUDENT_GATE = Gate(
    min_mean_cosine=0.8, min_cosine=0.2, min_overlap=0.4, max_rank_loss=0.1, min_speedup=1.2
)
"""A student is another model: it must be similar on the catalogue, and clearly faster."""

GENERATED_TEXTS = 2000
_LAYERS_RATE = 1e-4
_TABLE_RATE = 2e-3
_QUANTISED = ("fp32-lean", "int8-mixed", "int8-rows")
_ANY_DIFFERENCE = Tolerances(
    min_cosine=-1.0,
    max_abs_difference=2.0,
    max_norm_error=1e-5,
    min_batch_cosine=0.9999,
    max_batch_ulps=2**16,
)
"""The student's own gate has judged similarity; here only norms and batches count."""

Students = Mapping[str, tuple[str, Path, float]]
"""By a student's name: its description, its graph, and the seconds of processor time it took."""


def distilled_layers(context: RecipeContext) -> Outcome:
    """Publish the fastest graph of a student with fewer layers.

    Raises ParityError when no graph is inside its gate, and DistilError when the teacher has too
    few layers.
    """
    training = _training_texts(context)
    begin = time.process_time()
    student = shallow(context.model, context.tuning.layers)
    module = SentenceEncoder(student).eval()
    tables = {id(parameter) for parameter in _embedding_tables(student.transformer)}
    for parameter in module.parameters():
        parameter.requires_grad_(id(parameter) not in tables)
    learning = [p for p in module.parameters() if p.requires_grad]
    learned = _learn(context, training, module, [torch.optim.AdamW(learning, lr=_LAYERS_RATE)])
    context.listener.on_progress("writing the student")
    (context.scratch / "raw").mkdir()
    export_graph(student, context.scratch / "raw" / MODEL_FILE)
    fused = context.scratch / "student" / MODEL_FILE
    fused.parent.mkdir()
    fuse_graph(student, context.scratch / "raw" / MODEL_FILE, fused)
    tokenizer = _tokenizer(context)
    inputs = CandidateInputs(
        fused,
        batches_of(training.texts[:480], context.draft, tokenizer),
        context.scratch,
        seed=context.tuning.seed,
        on_progress=context.listener.on_progress,
    )
    made: dict[str, tuple[str, Path, float]] = {}
    for name in _QUANTISED:
        path = context.scratch / name / MODEL_FILE
        path.parent.mkdir()
        CANDIDATES[name].make(inputs, path)
        what = f"{context.tuning.layers} layers, {CANDIDATES[name].what}"
        made[f"layers{context.tuning.layers}-{name}"] = what, path, time.process_time() - begin
    return _outcome(context, training, made, learned)


def distilled_tokens(context: RecipeContext) -> Outcome:
    """Publish a student that is a table of token vectors.

    Raises ParityError when it is not inside its gate.
    """
    training = _training_texts(context)
    begin = time.process_time()
    context.listener.on_progress("asking the teacher about each token")
    ids = _token_ids(context, training.texts)
    start = first_table(context.fused, _tokenizer(context), ids, training.targets)
    module = TokenTableModule(start)
    optimisers = [
        torch.optim.SparseAdam([module.table.weight], lr=_TABLE_RATE),
        torch.optim.Adam([module.matrix, module.offset], lr=_TABLE_RATE),
    ]
    learned = _learn(context, training, module, optimisers)
    path = context.scratch / "tokens" / MODEL_FILE
    path.parent.mkdir()
    table_graph(module.learned()).write(path)
    what = f"a table of token vectors, {start.table.shape[1]} numbers each, and one matrix"
    made = {"tokens": (what, path, time.process_time() - begin)}
    return _outcome(context, training, made, learned)


def _training_texts(context: RecipeContext) -> TrainingTexts:
    context.listener.on_progress("asking the teacher about each text")
    catalogue = context.tuning.catalogue
    return prepare_training_texts(
        context.encoder(context.fused),
        () if catalogue is None else catalogue_texts(catalogue),
        generated=GENERATED_TEXTS // (4 if context.tuning.quick else 1),
        seed=context.tuning.seed,
    )


def _tokenizer(context: RecipeContext) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(context.staged / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(context.draft.max_tokens)
    return tokenizer


def _token_ids(context: RecipeContext, texts: Sequence[str]) -> list[list[int]]:
    prompt, longest = context.draft.prompts.document, context.draft.max_tokens
    encoded = _tokenizer(context).encode_batch_fast([clean(prompt + t, longest) for t in texts])
    return [one.ids or [context.draft.pad_token_id] for one in encoded]


def _embedding_tables(transformer: torch.nn.Module) -> list[torch.Tensor]:
    # They have most of the weights and hardly any of the running time: training them would take
    # an optimiser's memory for little.
    return [m.weight for m in transformer.modules() if isinstance(m, torch.nn.Embedding)]


def _learn(
    context: RecipeContext,
    training: TrainingTexts,
    module: torch.nn.Module,
    optimisers: Sequence[torch.optim.Optimizer],
) -> Learned:
    steps = context.tuning.steps
    torch.manual_seed(context.tuning.seed)
    return learn(
        module,
        optimisers,
        _token_ids(context, training.texts),
        training.targets,
        pad_token_id=context.draft.pad_token_id,
        steps=steps,
        seed=context.tuning.seed,
        max_cpu_s=context.tuning.max_cpu_s,
        on_step=lambda step: context.listener.on_progress(f"learning, step {step + 1} of {steps}"),
    )


def _outcome(
    context: RecipeContext, training: TrainingTexts, made: Students, learned: Learned
) -> Outcome:
    """Measure the students against the teacher, and stage the fastest inside the gate.

    Raises ParityError when none is inside.
    """
    tuning = context.tuning
    gate = STUDENT_GATE if tuning.gate is None else read_gate(tuning.gate)
    context.listener.on_progress("comparing with the teacher")
    judge = Judge(
        context.fused,
        context.draft,
        context.staged / TOKENIZER_FILE,
        training.judging,
        pairs=None if tuning.pairs is None else read_pairs(tuning.pairs),
        effort=QUICK_EFFORT if tuning.quick else Effort(),
        seed=tuning.seed,
    )
    teacher = judge.measure(REFERENCE, "the teacher", context.fused, 0.0)
    measured: list[Measurement] = [
        judge.measure(name, f"{what}; {_how(learned)}", path, made_s)
        for name, (what, path, made_s) in made.items()
    ]
    choice = choose(teacher, measured, gate)
    result = SearchResult(
        graph=context.fused if choice.name == REFERENCE else made[choice.name][1],
        choice=choice,
        measured=(teacher, *measured),
        failed={},
        processor=this_processor(),
        texts={"tuning": len(training.texts)}
        | {kind: len(texts) for kind, texts in training.judging.items()},
        gate=gate,
    )
    context.listener.on_report(as_table(result))
    if choice.name == REFERENCE:
        raise ParityError(
            "no student is inside the gate:\n  "
            + "\n  ".join(f"{name}: {'; '.join(choice.shortfalls[name])}" for name in made)
        )
    for file in result.graph.parent.iterdir():
        shutil.copyfile(file, context.staged / file.name)
    reference = reference_vectors(context.model, PARITY_TEXTS)
    run = run_graph(context.encoder(context.staged / MODEL_FILE), reference, PARITY_TEXTS)
    figures = require_parity(run, _ANY_DIFFERENCE)
    return Outcome(f"distilled-{choice.name}", figures, report_files(result))


def _how(learned: Learned) -> str:
    ended = "cut off after" if learned.cut_off else "after"
    return (
        f"{ended} {learned.steps} steps 1 - cosine {learned.last_loss:.3f}, "
        f"{learned.first_loss:.3f} at first"
    )
