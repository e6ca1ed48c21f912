"""What is wrong with a flow before anybody calls it.

    validate(flow, languages=("en", "ar"), prompts={"en": {"welcome", ...}, "ar": {...}}, queues={"general"})

Codes and their params:

no_start {start}; unknown_node {exit, target}; dead_end {exit}; unreachable; no_way_out (from here no call can end);
silent_loop (without a key pressed the call comes here again and again); missing_prompt {prompt, language};
no_prompt; no_choices; digit_twice {digit}; bad_digit {digit}; unknown_queue {queue}; unknown_calendar {calendar};
number_not_allowed {number}; unknown_language {language}; bad_number {field}; bad_give_up; no_languages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from civicline.engine.callflow import callbacks, identifying, leaving, lookups, menus, nodes
from civicline.engine.callflow.nodes import KEYS, Flow, Node
from civicline.engine.callflow.walking import SORRY


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: at which node ("" the flow as a whole), as a code with params."""

    node: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Around:
    """What there is outside the flow. None: not checked.

    queues, calendars: their codes. numbers: outside numbers that may be dialled.
    """

    queues: Collection[str] | None = None
    calendars: Collection[str] | None = None
    numbers: Collection[str] | None = None


def validate(
    flow: Flow,
    languages: Collection[str],
    prompts: Mapping[str, Collection[str]],
    *,
    around: Around | None = None,
) -> list[Problem]:
    """Every problem, () when it may be published. `prompts`: the keys that each language can say."""
    found = [*_whole(flow, languages)]
    for key, node in flow.nodes.items():
        found += _node(key, node, flow, around or Around())
    found += _shape(flow)
    found += _silent(flow, languages, prompts)
    return found


def prompts_of(node: Node) -> tuple[str, ...]:
    """Every prompt that this node may say, the built-in ones too."""
    own = tuple(text for name in ("prompt", "pin_prompt") if (text := getattr(node, name, "")))
    return own + _BUILT_IN.get(type(node), ())


def prompts_of_flow(flow: Flow) -> tuple[str, ...]:
    """Every prompt that a call through this flow may hear, sorted."""
    said = {SORRY, *(prompt for node in flow.nodes.values() for prompt in prompts_of(node))}
    return tuple(sorted(said))


_BUILT_IN: dict[type[Node], tuple[str, ...]] = {
    nodes.AskDigit: menus.SAID,
    nodes.Hours: lookups.SAID["hours"],
    nodes.Notice: lookups.SAID["notices"],
    nodes.AnnounceWait: lookups.SAID["wait"],
    nodes.ReadStatus: lookups.SAID["status"],
    nodes.IdentifyCase: identifying.SAID,
    nodes.OfferCallback: callbacks.SAID,
    nodes.Voicemail: leaving.SAID,
}
_PROMPT_NEEDED = (
    nodes.Say,
    nodes.AskDigit,
    nodes.Language,
    nodes.IdentifyCase,
    nodes.OfferCallback,
    nodes.Voicemail,
)
_BOUNDS: dict[str, tuple[int, int]] = {
    "repeats": (0, 9), "tries": (1, 9), "seconds": (1, 60), "long_minutes": (0, 1440),
}  # fmt: skip


def _whole(flow: Flow, languages: Collection[str]) -> Iterator[Problem]:
    if flow.start not in flow.nodes:
        yield Problem("", "no_start", {"start": flow.start})
    if not flow.languages:
        yield Problem("", "no_languages")
    for language in flow.languages:
        if language not in languages:
            yield Problem("", "unknown_language", {"language": language})
    resort = flow.nodes.get(flow.give_up)
    if resort is None or not nodes.ends_call(resort):
        yield Problem("", "bad_give_up")


def _node(key: str, node: Node, flow: Flow, around: Around) -> Iterator[Problem]:
    yield from _exits(key, node, flow)
    if isinstance(node, _PROMPT_NEEDED) and not node.prompt:
        yield Problem(key, "no_prompt")
    if isinstance(node, nodes.AskDigit | nodes.Language):
        yield from _digits(key, [one.digit for one in node.choices])
    if isinstance(node, nodes.Language):
        yield from (
            Problem(key, "unknown_language", {"language": one.language})
            for one in node.choices
            if one.language not in flow.languages
        )
    yield from _outside(key, node, around)
    for name, (least, most) in _BOUNDS.items():
        longest = 600 if isinstance(node, nodes.Voicemail) else most
        if not least <= getattr(node, name, least) <= longest:
            yield Problem(key, "bad_number", {"field": name})


def _exits(key: str, node: Node, flow: Flow) -> Iterator[Problem]:
    for way in nodes.exits(node):
        if not way.target:
            if way.needed:
                yield Problem(key, "dead_end", {"exit": way.name})
        elif way.target not in flow.nodes:
            yield Problem(key, "unknown_node", {"exit": way.name, "target": way.target})


def _digits(key: str, digits: list[str]) -> Iterator[Problem]:
    if not digits:
        yield Problem(key, "no_choices")
    for digit in sorted(set(digits)):
        if len(digit) != 1 or digit not in KEYS:
            yield Problem(key, "bad_digit", {"digit": digit})
        elif digits.count(digit) > 1:
            yield Problem(key, "digit_twice", {"digit": digit})


def _outside(key: str, node: Node, around: Around) -> Iterator[Problem]:
    queue = (
        node.target
        if isinstance(node, nodes.Transfer) and node.to == "queue"
        else getattr(node, "queue", None)
    )
    if queue is not None and around.queues is not None and queue not in around.queues:
        yield Problem(key, "unknown_queue", {"queue": queue})
    if (
        isinstance(node, nodes.Hours)
        and around.calendars is not None
        and node.calendar not in around.calendars
    ):
        yield Problem(key, "unknown_calendar", {"calendar": node.calendar})
    dials = isinstance(node, nodes.Transfer) and node.to == "number"
    if dials and around.numbers is not None and node.target not in around.numbers:  # type: ignore[union-attr]  # a transfer
        yield Problem(key, "number_not_allowed", {"number": node.target})  # type: ignore[union-attr]  # a transfer


def _shape(flow: Flow) -> Iterator[Problem]:
    """Nodes nobody comes to, nodes from which no call can end, and rings that turn without a key."""
    ways = {key: _targets(node, flow) for key, node in flow.nodes.items()}
    reached = _closure({flow.start, flow.give_up} & set(flow.nodes), ways)
    back: dict[str, set[str]] = {key: set() for key in flow.nodes}
    for key, targets in ways.items():
        for target in targets:
            back[target].add(key)
    ending = _closure({key for key, node in flow.nodes.items() if nodes.ends_call(node)}, back)
    turning = _turning({key: _targets(node, flow, silent=True) for key, node in flow.nodes.items()})
    for key in flow.nodes:
        if key not in reached:
            yield Problem(key, "unreachable")
        if key not in ending:
            yield Problem(key, "no_way_out")
        elif key in turning:
            yield Problem(key, "silent_loop")


def _targets(node: Node, flow: Flow, *, silent: bool = False) -> set[str]:
    return {
        way.target for way in nodes.exits(node) if way.target in flow.nodes and (way.silent or not silent)
    }


def _closure(first: Iterable[str], ways: Mapping[str, set[str]]) -> set[str]:
    found, open_ends = set(first), list(first)
    while open_ends:
        for target in ways[open_ends.pop()] - found:
            found.add(target)
            open_ends.append(target)
    return found


def _turning(ways: Mapping[str, set[str]]) -> set[str]:
    """The nodes that lie on a ring of these ways."""
    return {key for key in ways if key in _closure(ways[key], ways)}


def _silent(
    flow: Flow, languages: Collection[str], prompts: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Prompts that a language of the flow cannot say, told at the first node that says them."""
    for language in flow.languages:
        known = prompts.get(language, ()) if language in languages else ()
        told: set[str] = set()
        for key, said in [*((key, prompts_of(node)) for key, node in flow.nodes.items()), ("", (SORRY,))]:
            for prompt in said:
                if prompt not in known and prompt not in told:
                    told.add(prompt)
                    yield Problem(key, "missing_prompt", {"prompt": prompt, "language": language})
