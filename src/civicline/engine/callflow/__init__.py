"""The telephone menu: a flow of nodes, checked before it is used, and walked one step at a time.

    flow = flow_from_plain(stored)
    validate(flow, languages, prompts, around=Around(queues=...))          # [] when sound
    step = begin(flow, Facts(caller="+12025550123", language="ar"))
    step.actions                                                           # what to do; the last one waits
    step = walk(flow, step.position, Digits("2"), facts)                   # what was heard; never raises

`actions` tells what each action wants heard next; docs/subsystems/callflow.md follows one call.
"""

from civicline.engine.callflow import actions, nodes
from civicline.engine.callflow.hearing import (
    Answered,
    Digits,
    Failed,
    Heard,
    HungUp,
    Recorded,
    Silence,
    Started,
)
from civicline.engine.callflow.nodes import Flow, Node
from civicline.engine.callflow.plain import (
    BadFlow,
    flow_as_plain,
    flow_from_plain,
    node_as_plain,
    node_from_plain,
)
from civicline.engine.callflow.position import Facts, Position, Step, as_plain, from_plain
from civicline.engine.callflow.spoken import Moment, Spelled, Spoken, Value, Words
from civicline.engine.callflow.validation import Around, Problem, prompts_of, prompts_of_flow, validate
from civicline.engine.callflow.walking import begin, walk

__all__ = [
    "Answered",
    "Around",
    "BadFlow",
    "Digits",
    "Facts",
    "Failed",
    "Flow",
    "Heard",
    "HungUp",
    "Moment",
    "Node",
    "Position",
    "Problem",
    "Recorded",
    "Silence",
    "Spelled",
    "Spoken",
    "Started",
    "Step",
    "Value",
    "Words",
    "actions",
    "as_plain",
    "begin",
    "flow_as_plain",
    "flow_from_plain",
    "from_plain",
    "node_as_plain",
    "node_from_plain",
    "nodes",
    "prompts_of",
    "prompts_of_flow",
    "validate",
    "walk",
]
