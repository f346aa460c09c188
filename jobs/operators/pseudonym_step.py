"""The pseudonym step: the entrance of a stream of the contract, which takes raw user ids away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pyflink.common import Row, Types
from pyflink.datastream.functions import ProcessFunction, RuntimeContext

from interestream.pseudonyms import Pseudonyms
from jobs.core.parsing.pseudonymous_lines import PseudonymousLines
from jobs.core.parsing.rules import Rules
from jobs.operators.loaded_code import LOADED, check_code

LINE_TYPE = Types.ROW_NAMED(["line", "file"], [Types.PRIMITIVE_ARRAY(Types.BYTE()), Types.STRING()])
"""A line; its `file` is empty, since nothing is cut behind this step."""


@dataclass(frozen=True)
class PseudonymSettings:
    """How a stream's user ids are replaced; it is pickled into the job, with the key."""

    pseudonyms: Pseudonyms
    rules: Rules

    def lines(self, stream: Literal["events", "control"]) -> PseudonymousLines:
        """The function from lines of a stream to lines without raw ids."""
        pseudonyms = self.pseudonyms
        return PseudonymousLines(stream, self.rules, pseudonyms, pseudonyms.of_event)


class PseudonymStep(ProcessFunction):
    """One line in, one line out, in the source's own task: no state or buffer of Flink holds a raw
    id, so no checkpoint does."""

    def __init__(
        self,
        stream: Literal["events", "control"],
        settings: PseudonymSettings,
        code: str = LOADED,
    ) -> None:
        self._stream, self._settings, self._code = stream, settings, code

    def open(self, runtime_context: RuntimeContext) -> None:
        """Make the function of lines."""
        check_code(self._code)
        self._lines = self._settings.lines(self._stream)

    def process_element(self, value: Row, ctx: ProcessFunction.Context) -> Iterator[Row]:
        """Emit the line of a row `ROW<line>` as a row of LINE_TYPE."""
        yield Row(self._lines(value[0]), "")
