"""The base of the sections of the job's configuration."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of the sections: immutable, and an unknown key is an error."""

    # An error must not show the given value: it may be the connection string under a wrong key.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )
