"""A menu ready to be walked: the flow, and every sentence it says as it was when it was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from civicline.channels.voice.flows import built_in
from civicline.engine.callflow import BadFlow, Flow, flow_from_plain, prompts_of_flow
from civicline.kernel.texts import localized


@dataclass(frozen=True, slots=True)
class Sentence:
    """A prompt in one language: its text, and the recording that goes before it ("" none)."""

    text: str
    recording: str = ""


Prompts = Mapping[str, Mapping[str, Sentence]]


@dataclass(frozen=True, slots=True)
class Menu:
    """What a call is walked through. `version` is the key of its FlowVersion, None for a draft."""

    code: str
    version: int | None
    flow: Flow
    prompts: Prompts = field(default_factory=dict)

    def sentence(self, key: str, language: str) -> Sentence:
        """The prompt in this language, or in the nearest there is; an unknown one says nothing."""
        own = self.prompts.get(key, {})
        if language in own:
            return own[language]
        texts = {tag: one.text for tag, one in own.items()} or built_in.texts().get(key, {})
        return Sentence(localized(texts, language))


def read_flow(plain: Mapping[str, Any]) -> Flow:
    """A stored flow; one that cannot be read any more is empty, which validation tells."""
    try:
        return flow_from_plain(plain)
    except BadFlow:
        return Flow("")


def with_built_in(
    texts: Mapping[str, Mapping[str, str]], recordings: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Sentence]]:
    """Every prompt there is: the body's own words over those that come with Civicline, language by language."""
    found: dict[str, dict[str, Sentence]] = {}
    for key in {*built_in.texts(), *texts}:
        words = {**built_in.texts().get(key, {}), **texts.get(key, {})}
        heard = recordings.get(key, {})
        found[key] = {
            language: Sentence(words.get(language, ""), heard.get(language, ""))
            for language in {*words, *heard}
            if words.get(language) or heard.get(language)
        }
    return found


def as_snapshot(flow: Flow, prompts: Prompts) -> dict[str, dict[str, dict[str, str]]]:
    """The prompts of a flow as a version keeps them, those of its languages only."""
    return {
        key: {
            language: {"text": one.text, "recording": one.recording}
            for language, one in prompts.get(key, {}).items()
            if language in flow.languages
        }
        for key in prompts_of_flow(flow)
    }


def from_snapshot(plain: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, Sentence]]:
    """The prompts that `as_snapshot` wrote."""
    return {
        key: {
            language: Sentence(one.get("text", ""), one.get("recording", ""))
            for language, one in languages.items()
        }
        for key, languages in plain.items()
    }
