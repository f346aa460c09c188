"""Kernels are compiled with a cache where there is a folder for it, and without one elsewhere."""

from jobs.core.kernels.compiled import compiled


def test_a_function_whose_file_is_unknown_is_compiled_without_a_cache() -> None:
    namespace: dict[str, object] = {}
    exec("def double(value):\n    return 2 * value\n", namespace)
    double = compiled()(namespace["double"])  # type: ignore[type-var]
    assert double(21) == 42  # type: ignore[operator]
    assert len(double.signatures) == 1  # type: ignore[attr-defined]
