"""The ONE list of adapters, handlers, jobs and threads: what hears of what, and what runs where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.conf import settings

from civicline.api import services as api_services
from civicline.api.open311_keys import verify as verify_open311_key
from civicline.api.selectors import has_webhooks
from civicline.api.webhooks.deliveries import WebhookWorker
from civicline.api.webhooks.events import PREFIXES
from civicline.api.webhooks.handlers import queue_deliveries
from civicline.cases import handlers as cases
from civicline.cases import personal_data as cases_personal_data
from civicline.channels.chat.adapter import ChatAdapter
from civicline.channels.open311 import access as open311_access
from civicline.channels.open311 import reports as open311
from civicline.channels.open311.adapter import Open311Adapter
from civicline.channels.voice import crew as voice_crew
from civicline.channels.voice import handlers as voice
from civicline.channels.voice import personal_data as voice_personal_data
from civicline.channels.voice.adapter import TextAdapter, VoiceAdapter, VoicemailAdapter
from civicline.channels.voice.flows import sounds as call_sounds
from civicline.channels.voice.planned import PlannedLine
from civicline.channels.voice.recordings.transcripts import JOB as TRANSCRIBE
from civicline.channels.voice.recordings.transcripts import transcribe_job
from civicline.channels.voice.services.recordings import FORGET_RECORDINGS, forget_recordings_job
from civicline.channels.voice.video import services as video_services
from civicline.channels.webform.adapter import WebformAdapter
from civicline.config.cores import CoreKeeper
from civicline.finding import services as finding
from civicline.finding.follower import Follower
from civicline.intake import events as intake_events
from civicline.intake import personal_data as intake_personal_data
from civicline.intake import services as intake
from civicline.intake.deliveries import DeliveryWorker
from civicline.intake.ports import ChannelAdapter
from civicline.kernel import audit_trail, housekeeping
from civicline.kernel.handlers import Registry
from civicline.kernel.jobs import JobRegistry, Worker
from civicline.kernel.relay import Relay
from civicline.people import erasure, retention
from civicline.people import services as people_services
from civicline.people.events import PRESENCE_CHANGED
from civicline.people.permissions import share
from civicline.routing import handlers as routing
from civicline.routing import services as routing_services
from civicline.routing.dispatcher import Dispatcher
from civicline.web.desk.company import asked_into
from civicline.web.desk.mentions import named_in
from civicline.workforce.services import forecasts as workforce_forecasts
from civicline.workforce.services import history as workforce_history
from civicline.workforce.services import plan_changes as workforce_plan_changes
from civicline.workforce.services import planning as workforce_planning
from civicline.workforce.services import scenarios as workforce_scenarios
from civicline.workforce.services import trainings as workforce_trainings
from civicline.workforce.services import wishes as workforce_wishes

Run = Callable[[threading.Event], None]

# Who was asked about a contact, or named in a note of it, may read it (people.permission_rules).
share("named in a note", named_in)
share("asked into its call", asked_into)
open311_access.register_verifier(verify_open311_key)
workforce_plan_changes.register_line(PlannedLine())


@cache
def adapters() -> dict[str, ChannelAdapter]:
    """Every channel by its code."""
    channels: list[ChannelAdapter] = [ChatAdapter(), WebformAdapter(), Open311Adapter()]
    channels += [VoiceAdapter(), VoicemailAdapter(), TextAdapter()]
    return {channel.code: channel for channel in channels}


@cache
def handlers() -> Registry:
    """Who hears of which event. Names are stored with what was done: never rename one."""
    registry = Registry()
    registry.on(intake_events.CONTACT_RECEIVED, "routing.triage", routing.triage_received)
    registry.on(intake_events.CONTACT_QUEUED, "routing.tell_wait", routing.tell_wait)
    registry.on(intake_events.CONTACT_CONNECTED, "routing.learn_wait", routing.learn_wait)
    registry.on(intake_events.CONTACT_ABANDONED, "routing.learn_abandoned", routing.learn_wait)
    registry.on(PRESENCE_CHANGED, "routing.withdraw_from_absent", routing.withdraw_from_absent)
    registry.on(intake_events.CONTACT_CLOSED, "cases.note_contact_closed", cases.note_contact_closed)
    registry.on(intake_events.CONTACT_CLOSED, "voice.close_call", voice.close_call)
    registry.on("case.*", "cases.tell_followers", cases.tell_followers, atomic=False)
    for events in PREFIXES:
        registry.on(events, f"api.webhooks.{events}", queue_deliveries, needed=has_webhooks)
    return registry


@cache
def jobs() -> JobRegistry:
    """What runs later or again and again."""
    registry = JobRegistry()
    registry.every(3600, "intake.drop_old_drafts", _alone(intake.drop_old_drafts))
    registry.every(86_400, "kernel.sweep", _alone(housekeeping.sweep))
    registry.every(3600, audit_trail.SEAL_JOB, _alone(audit_trail.seal))
    registry.every(86_400, audit_trail.CHECK_JOB, _alone(audit_trail.check_and_tell))
    registry.every(86_400, retention.FORGET_AUDIT, retention.forget_audit_job)
    registry.job(open311.OPEN_CASE_JOB, open311.open_case_job)
    registry.job(intake_personal_data.REMOVE_FILES, intake_personal_data.remove_files)
    registry.every(5, "routing.watch_alarms", _alone(routing_services.watch_alarms))
    registry.every(86_400, "routing.learn_waits", _alone(routing_services.learn_waits))
    registry.every(60, "cases.check_clocks", cases.clocks_job())
    registry.every(86_400, "cases.forget_closed", cases.forget_closed_job)
    registry.every(86_400, "intake.forget_closed", intake_personal_data.forget_closed_job)
    registry.every(86_400, "voice.forget_blanked", voice_personal_data.forget_blanked_job)
    registry.every(86_400, FORGET_RECORDINGS, forget_recordings_job)
    registry.every(86_400, "voice.forget_visits", _alone(video_services.forget_visits))
    registry.job(TRANSCRIBE, transcribe_job)
    registry.every(86_400, people_services.FINISH_ERASURES, _finish_erasures)
    registry.every(3600, "callflows.sweep", _alone(call_sounds.sweep))
    registry.every(86_400, "api.forget_answers", _alone(api_services.forget_answers))
    registry.every(86_400, "api.forget_deliveries", _alone(api_services.forget_deliveries))
    registry.every(86_400, "workforce.count_arrivals", workforce_history.count_arrivals_job)
    registry.job(
        workforce_forecasts.FORECAST_JOB,
        workforce_forecasts.forecast_job,
        given_up=workforce_forecasts.forecast_given_up,
    )
    registry.job(workforce_forecasts.UPDATE_JOB, workforce_forecasts.update_job)
    registry.job(
        workforce_planning.PLAN_JOB, workforce_planning.plan_job, given_up=workforce_planning.plan_given_up
    )
    registry.job(
        workforce_scenarios.WHAT_IF_JOB,
        workforce_scenarios.what_if_job,
        given_up=workforce_scenarios.what_if_given_up,
    )
    registry.every(86_400, workforce_wishes.FORGET_WISHES, _alone(workforce_wishes.forget_wishes))
    registry.every(86_400, "workforce.finish_trainings", _alone(workforce_trainings.finish_trainings))
    return registry


@cache
def personal_data() -> None:
    """What each room hands out and erases when a resident asks. Every process calls it once, before its pages."""
    contacts, matters = intake_personal_data, cases_personal_data
    erasure.register("contacts", erase=contacts.erase, export=contacts.export, kept=contacts.kept)
    calls = voice_personal_data
    erasure.register("calls", erase=calls.erase, export=calls.export, files=calls.sounds)
    erasure.register("cases", erase=matters.erase, export=matters.export, kept=matters.kept)
    erasure.when_blanked("finding", finding.blanked)
    erasure.when_blanked("api", api_services.forget_words)


def _finish_erasures(_payload: Mapping[str, Any]) -> None:
    """Erasures that waited for a legal hold, with the steps of every room."""
    personal_data()
    people_services.finish_erasures()


def _alone(work: Callable[[], object]) -> Callable[[Mapping[str, Any]], None]:
    """Something to do that takes no payload, as a job."""

    def run(_payload: Mapping[str, Any]) -> None:
        work()

    return run


def threads(role: str) -> list[tuple[str, Run]]:
    """What a process of this role runs beside its pages: (name, run until the event is set)."""
    lease = float(settings.CIVICLINE.work_lease_seconds)
    dispatch: list[tuple[str, Run]] = [("dispatcher", Dispatcher().run), ("relay", Relay(handlers()).run)]
    work: list[tuple[str, Run]] = [
        ("jobs", Worker(jobs(), lease_seconds=lease).run),
        ("deliveries", DeliveryWorker(adapters(), lease_seconds=lease).run),
        ("webhooks", WebhookWorker().run),
        ("finding", Follower().run),
    ]
    calls = voice_crew.threads(settings.CIVICLINE) if role in ("all", "voice") else []
    # Only here: several processes share the cores by themselves.
    alone: list[tuple[str, Run]] = [("cores", CoreKeeper().run)] if settings.CIVICLINE.work_one_core else []
    return {
        "all": dispatch + work + calls + alone,
        "dispatch": dispatch,
        "work": work,
        "web": [],
        "voice": calls,
    }[role]
