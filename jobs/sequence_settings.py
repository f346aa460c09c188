"""The section of the configuration for sequence models."""

from pydantic import Field

from jobs.config_section import Section


class SequenceModels(Section):
    """Whether the job writes the vectors of sequence models, and how much they may cost."""

    enabled: bool = True
    """Whether the job looks for sequence models of its space, and writes the vectors of users and
    of new items for them; without a model it writes none."""
    check_s: float = Field(10.0, gt=0)
    """How often the job looks for a new model, in seconds."""
    time_share: float = Field(0.1, gt=0, le=1)
    """Largest share of the time of the step that folds events that may be spent on vectors of
    users; beyond it they wait, the newest state of each."""
    threads: int = Field(1, ge=0)
    """Threads of a model inside the job; 0 leaves the number to ONNX Runtime."""
