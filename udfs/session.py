"""Open an ONNX Runtime session on the processor or a GPU."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import onnxruntime

from udfs.bundle import OUTPUT_NAME
from udfs.errors import BundleModelError, SettingsError

log = logging.getLogger(__name__)

Provider = Literal["auto", "cpu", "cuda"]

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
INPUT_NAMES = ("input_ids", "attention_mask", "token_type_ids")


def choose_providers(provider: Provider, available: Sequence[str]) -> list[str]:
    """Return ONNX Runtime's providers in order of preference.

    `auto` and `cuda` take CUDA where it is available, and else the processor; `cuda` then logs a
    warning. `cpu` takes the processor. Raises SettingsError for any other name.

    >>> choose_providers("auto", ["CUDAExecutionProvider", "CPUExecutionProvider"])
    ['CUDAExecutionProvider', 'CPUExecutionProvider']
    """
    if provider not in get_args(Provider):
        raise SettingsError(f"provider {provider!r}: use one of {', '.join(get_args(Provider))}")
    if provider == "cpu":
        return [CPU]
    if CUDA in available:
        return [CUDA, CPU]
    if provider == "cuda":
        log.warning(
            "provider 'cuda' was asked for, ONNX Runtime offers only %s: encoding on the "
            "processor. Install it with: pip install 'interestream[gpu]'",
            ", ".join(available),
        )
    return [CPU]


def open_session(model_path: Path, provider: Provider, threads: int) -> Any:
    """Open an `onnxruntime.InferenceSession` on `threads` threads (0: one for each core).

    Raises SettingsError for a bad setting and BundleModelError when the graph cannot be loaded
    or is not a bundle's.
    """
    if threads < 0:
        raise SettingsError(f"threads {threads}: use 0 for all cores, or a positive number")
    providers = choose_providers(provider, onnxruntime.get_available_providers())
    try:
        try:
            session = _session(model_path, threads, providers, exact=True)
        except Exception:
            # A graph of an earlier export, whose products share zero points, loads only without.
            session = _session(model_path, threads, providers, exact=False)
            log.warning(
                "%s is quantised in a way that is not exact on a processor without VNNI: export"
                " the bundle again",
                model_path,
            )
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise BundleModelError(
            f"ONNX Runtime cannot load {model_path}: {error}; export the bundle again"
        ) from error
    _log_where_it_runs(providers[0], session.get_providers()[0])
    _check_signature(session, model_path)
    return session


def _session(model_path: Path, threads: int, providers: list[str], *, exact: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin take up to a fifth more processor time, which the job needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if exact:
        exact_integer_products(options)
    # Memory patterns are kept for every shape, and shapes differ from batch to batch.
    options.enable_mem_pattern = False
    # Errors only: a missing GPU library is reported below in one line of our own.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_path), options, providers=providers)


def exact_integer_products(options: Any) -> None:
    """Make a quantised graph give the same vectors on every x86 processor.

    On one without VNNI, ONNX Runtime by default adds products of bytes in 16 bits, which saturates:
    a sum can be half of what it must be. With this session option it takes exact kernels there,
    which are slower; on a processor with VNNI the option changes nothing.
    """
    options.add_session_config_entry("session.x64quantprecision", "1")


def _log_where_it_runs(wanted: str, got: str) -> None:
    if got == wanted:
        log.info("encoding with %s", got)
    else:
        log.warning(
            "%s is installed but did not start (driver, CUDA or cuDNN missing?): encoding with %s",
            wanted,
            got,
        )


def _check_signature(session: Any, model_path: Path) -> None:
    inputs = {item.name for item in session.get_inputs()}
    outputs = [item.name for item in session.get_outputs()]
    if outputs != [OUTPUT_NAME] or not {*INPUT_NAMES[:2]} <= inputs <= {*INPUT_NAMES}:
        raise BundleModelError(
            f"{model_path} has inputs {sorted(inputs)} and outputs {outputs}, a bundle has "
            f"{list(INPUT_NAMES)} (the last where the model uses it) and ['{OUTPUT_NAME}']"
        )
