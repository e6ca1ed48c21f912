"""How a case moves: one table for each of the four types, and the rules that read them.

allowed("complaint", "received", "agent")           # the transitions to offer as buttons
outcome = apply("complaint", "received", "acknowledge", "agent", {})
outcome.state, outcome.stops, outcome.pauses        # what to store, and what to do with the SLA clocks
public_step("complaint", outcome.state)             # PublicStep(code="checking", number=2, of=4, ...)
"""

from civicline.engine.workflow.diagrams import markdown, mermaid
from civicline.engine.workflow.rules import (
    Outcome,
    PublicStep,
    TransitionRefused,
    allowed,
    apply,
    find_faults,
    opening_clocks,
    public_step,
)
from civicline.engine.workflow.table import CaseType, ClockName, Role, State, Transition, Workflow
from civicline.engine.workflow.types import WORKFLOWS

__all__ = [
    "WORKFLOWS",
    "CaseType",
    "ClockName",
    "Outcome",
    "PublicStep",
    "Role",
    "State",
    "Transition",
    "TransitionRefused",
    "Workflow",
    "allowed",
    "apply",
    "find_faults",
    "markdown",
    "mermaid",
    "opening_clocks",
    "public_step",
]
