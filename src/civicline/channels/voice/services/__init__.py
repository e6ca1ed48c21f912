"""All writes of the telephone: calls and the telephones of the people."""

from civicline.channels.voice.services.arrivals import Chosen, arrive_offered, picked_up_unheard
from civicline.channels.voice.services.browser_lines import BrowserLine, agent_line, guest_line
from civicline.channels.voice.services.callbacks import NotOffered, book, cancel, wake_due
from civicline.channels.voice.services.callbacks_again import call_off, rejoin
from civicline.channels.voice.services.callbacks_rules import (
    bar_number,
    free_number,
    save_calling_rule,
)
from civicline.channels.voice.services.callbacks_tries import (
    Try,
    reached,
    start_try,
    stop_try,
    try_failed,
)
from civicline.channels.voice.services.caller_keys import caller_pressed
from civicline.channels.voice.services.calls import (
    Arrived,
    arrive,
    caller_gone,
    close_of_contact,
    end_call,
    enter_line,
    keep_place,
    learn,
    line_returned,
    passed_meanwhile,
    phone_answered,
    phone_rang,
    talking,
)
from civicline.channels.voice.services.hands import (
    agent_left,
    complete,
    consult,
    decline,
    drop,
    join,
    leave,
    party_answered,
    party_gone,
    swap,
)
from civicline.channels.voice.services.lost_phones import phone_failed
from civicline.channels.voice.services.messages import take_messages
from civicline.channels.voice.services.monitoring import WAYS, monitor, stop_monitoring, take_over
from civicline.channels.voice.services.outage_calls import take_outage_calls
from civicline.channels.voice.services.outbound import call_now, plan_call
from civicline.channels.voice.services.outbound_menu import pass_outside
from civicline.channels.voice.services.passing import pass_to_number
from civicline.channels.voice.services.phones import TELEPHONE, choose_phone, remove_phone, save_phone
from civicline.channels.voice.services.recordings import (
    erase_recordings,
    forget_recordings,
    give_up_lost,
    keep_recording,
    note_key,
    recording_started,
    rekey_recordings,
    resume_recording,
    save_rule,
    set_consent,
    silence_recording,
)
from civicline.channels.voice.services.recordings_outage import take_outage_recordings
from civicline.channels.voice.services.texts import take_texts
from civicline.channels.voice.services.verbs import hang_up, hold, mute, press, resume, take_keys, unmute
from civicline.channels.voice.services.video import (
    arrive_with_picture,
    go_on_in_writing,
    turn_caller_picture,
    turn_own_picture,
    video_line,
    visit_of,
    write_beside,
)

__all__ = [
    "TELEPHONE",
    "WAYS",
    "Arrived",
    "BrowserLine",
    "Chosen",
    "NotOffered",
    "Try",
    "agent_left",
    "agent_line",
    "arrive",
    "arrive_offered",
    "arrive_with_picture",
    "bar_number",
    "book",
    "call_now",
    "call_off",
    "caller_gone",
    "caller_pressed",
    "cancel",
    "choose_phone",
    "close_of_contact",
    "complete",
    "consult",
    "decline",
    "drop",
    "end_call",
    "enter_line",
    "erase_recordings",
    "forget_recordings",
    "free_number",
    "give_up_lost",
    "go_on_in_writing",
    "guest_line",
    "hang_up",
    "hold",
    "join",
    "keep_place",
    "keep_recording",
    "learn",
    "leave",
    "line_returned",
    "monitor",
    "mute",
    "note_key",
    "party_answered",
    "party_gone",
    "pass_outside",
    "pass_to_number",
    "passed_meanwhile",
    "phone_answered",
    "phone_failed",
    "phone_rang",
    "picked_up_unheard",
    "plan_call",
    "press",
    "reached",
    "recording_started",
    "rejoin",
    "rekey_recordings",
    "remove_phone",
    "resume",
    "resume_recording",
    "save_calling_rule",
    "save_phone",
    "save_rule",
    "set_consent",
    "silence_recording",
    "start_try",
    "stop_monitoring",
    "stop_try",
    "swap",
    "take_keys",
    "take_messages",
    "take_outage_calls",
    "take_outage_recordings",
    "take_over",
    "take_texts",
    "talking",
    "try_failed",
    "turn_caller_picture",
    "turn_own_picture",
    "unmute",
    "video_line",
    "visit_of",
    "wake_due",
    "write_beside",
]
