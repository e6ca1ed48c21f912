"""The tables as pictures and as text, for the documentation."""

from civicline.engine.workflow.table import Transition, Workflow


def mermaid(table: Workflow) -> str:
    """A Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {entry}" for entry in table.entries]
    lines += [
        f"    {origin} --> {one.target}: {one.name}" for one in table.transitions for origin in one.origins
    ]
    return "\n".join(lines) + "\n"


def _clocks(table: Workflow, one: Transition) -> str:
    parts = [f"starts {name}" for name in one.starts] + [f"stops {name}" for name in one.stops]
    target = table.state(one.target)
    parts += ["pauses"] if target is not None and target.clocks == "paused" else []
    parts += ["calls off"] if one.calls_off else []
    parts += [f"restarts {name}" for name in one.restarts]
    return ", ".join(parts)


def _conditions(one: Transition) -> str:
    parts: list[str] = list(one.needs)
    parts += ["another person"] if one.other_person else []
    parts += [f"within {one.within_days} days"] if one.within_days is not None else []
    return ", ".join(parts)


def markdown(table: Workflow) -> str:
    """The transitions as a Markdown table: step, from, to, who, needs, clocks."""
    lines = ["| step | from | to | who | needs | clocks |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {', '.join(one.origins)} | {one.target} | {', '.join(sorted(one.roles))} "
        f"| {_conditions(one)} | {_clocks(table, one)} |"
        for one in table.transitions
    ]
    return "\n".join(lines) + "\n"
