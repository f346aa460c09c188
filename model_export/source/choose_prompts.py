"""Decide which prompts a bundle has, and say where they come from."""

from dataclasses import dataclass

from model_export.errors import SourceError
from model_export.source.known_prompts import known_prompts
from model_export.source.overrides import EncodingOverrides
from model_export.source.sentence_config import SETTINGS_FILE
from model_export.source.stated_prompts import StatedPrompt, StatedPrompts
from udfs.bundle import Prompts


@dataclass(frozen=True, slots=True)
class ChosenPrompts:
    """Prompts, and a line for a person about each of them."""

    prompts: Prompts
    notes: tuple[str, ...]


def choose_prompts(
    stated: StatedPrompts, model_name: str, overrides: EncodingOverrides
) -> ChosenPrompts:
    """Return the prompts of the options, else of the folder, else those known by the name.

    Raises SourceError when the folder has prompts of which it is not plain what they are for, and
    neither the options nor the model's name say more.
    """
    known = known_prompts(model_name) if stated.are_none else Prompts()
    is_known = known != Prompts()
    wanted = {
        "--query-prompt": (stated.query, overrides.query_prompt),
        "--document-prompt": (stated.document, overrides.document_prompt),
    }
    open_options = [
        option for option, (found, override) in wanted.items() if found is None and override is None
    ]
    if stated.unclear and open_options and not is_known:
        raise SourceError(
            f"{SETTINGS_FILE} has prompts called {', '.join(stated.unclear)}, and it is not plain "
            f"whether they are for queries or for documents: give {' and '.join(open_options)} "
            "(an empty one for none)"
        )

    def of_side(option: str, known_text: str) -> tuple[str, str]:
        found, override = wanted[option]
        return _side(option, found, override, known_text, model_name if is_known else "")

    query, query_note = of_side("--query-prompt", known.query)
    document, document_note = of_side("--document-prompt", known.document)
    notes = [f"query prompt: {query_note}", f"document prompt: {document_note}"]
    if stated.default_of_one_side and (stated.query is None or stated.document is None):
        notes.append(
            f"{SETTINGS_FILE} has the default prompt {stated.default_of_one_side}, which is one "
            "side's by its name: the other side goes without it"
        )
    left = (*stated.unclear, *stated.unused)
    if left:
        notes.append(f"prompts of {SETTINGS_FILE} that are not used: {', '.join(left)}")
    return ChosenPrompts(Prompts(query, document), tuple(notes))


def _side(
    option: str, found: StatedPrompt | None, override: str | None, known: str, known_name: str
) -> tuple[str, str]:
    """Return the prompt of a side, and the words that say where it comes from."""
    if override is not None:
        return override, f"{override!r}, from {option}" if override else f"none, by {option}"
    if found is not None:
        return found.text, f"{found.text!r}, from {SETTINGS_FILE} ({found.name})"
    if known:
        return known, f"{known!r}, known by the model's name {known_name}"
    if known_name:
        return "", f"none, known by the model's name {known_name}"
    return "", f"none, the model's folder states none ({option} gives one)"
