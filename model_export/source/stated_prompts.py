"""The prompts that `config_sentence_transformers.json` states, by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_export.source.prompt_names import plainest, use_of


@dataclass(frozen=True, slots=True)
class StatedPrompt:
    """A prompt and its name in the file."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class StatedPrompts:
    """Prompts of a folder; None for a side without one."""

    query: StatedPrompt | None = None
    document: StatedPrompt | None = None
    unclear: tuple[str, ...] = ()
    """Names that may mean a side that has no prompt yet."""
    unused: tuple[str, ...] = ()
    """Names of prompts for other tasks, or of a side that has a plainer one."""
    default_of_one_side: str = ""
    """The name of the default prompt, where that is plainly one side's."""

    @property
    def are_none(self) -> bool:
        """Whether neither side has a prompt."""
        return self.query is None and self.document is None


def read_prompts(settings: Mapping[str, Any]) -> StatedPrompts:
    """Return the prompts of both sides.

    An empty prompt counts as none: the library adds an empty `query` and `document` to what it
    saves. A side without any name has the default prompt, unless that is plainly the other's.
    """
    named: Mapping[str, str | None] = settings.get("prompts") or {}
    texts = {name: text for name, text in named.items() if text}
    default = settings.get("default_prompt_name") or ""
    one_sided = use_of(default) in ("query", "document")

    def of_side(side: str) -> StatedPrompt | None:
        chosen = plainest([name for name in texts if use_of(name) == side])
        if chosen is None and not one_sided and not any(use_of(name) == side for name in named):
            chosen = default if default in texts else None
        return None if chosen is None else StatedPrompt(chosen, texts[chosen])

    query, document = of_side("query"), of_side("document")
    used = {side.text for side in (query, document) if side is not None}
    left = [name for name, text in texts.items() if text not in used]
    both = query is not None and document is not None
    unclear = [] if both else [name for name in left if use_of(name) is None]
    return StatedPrompts(
        query,
        document,
        unclear=tuple(unclear),
        unused=tuple(name for name in left if name not in unclear),
        default_of_one_side=default if one_sided and default in texts else "",
    )
