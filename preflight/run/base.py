"""What all parts of a run's model share: frozen, nothing unknown in them, no text that was not cleaned."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from preflight.run.clean import clean

# Every text of a run goes through `clean`, also when a run.json is read back: no view can show what a host smuggled in.
Text = Annotated[str, BeforeValidator(clean)]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")]


class Model(BaseModel):
    """A part of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
