"""Who may open which address, written by hand: a new address has to be put here before the tests pass.

Letters: A agent, S supervisor, P planner, E editor, M administrator, U auditor. First who may look (GET), then
who may do (POST). What is about one object may still be refused for that object; what is not written is refused.
"""

EVERYBODY = "ASPEMU"
NOBODY = ""

STAFF: dict[str, tuple[str, str]] = {
    **{
        f"desk:{name}": ("AS", "AS")
        for name in (
            "home", "offers", "accept", "decline", "hand", "pulse", "bell", "presence", "file", "search", "palette",
            "colleagues", "resident", "contact", "now", "side", "say", "transfer", "consult", "wrap_up", "reopen",
            "complete", "texts", "use_text", "open_case", "link_contact", "cases", "case", "case_now", "case_step",
            "case_note", "case_update", "case_owner", "case_link", "case_unlink", "case_merge", "case_split",
            "case_follow", "case_reopen", "telephone_line", "telephone", "telephone_now",
            "telephone_choose", "telephone_picture",
        )
    },
    **{f"desk:{name}": (NOBODY, "AS") for name in ("call_contact", "call_case", "cancel_call")},
    **{f"desk:recording_{name}": (NOBODY, "AS") for name in ("silence", "go_on")},
    "desk:settings": (EVERYBODY, EVERYBODY),
    "supervisor:home": ("SP", "SP"),
    "supervisor:now": ("SP", "SP"),
    "supervisor:queue": ("SP", "SP"),
    "supervisor:contact": ("AS", "AS"),
    "supervisor:move": ("S", "S"),
    "supervisor:assign": ("S", "S"),
    "supervisor:prioritise": ("S", "S"),
    "supervisor:take_over": ("S", "S"),
    "supervisor:calls": ("SP", NOBODY),
    "supervisor:calls_now": ("SP", NOBODY),
    "supervisor:call": ("AS", NOBODY),
    **{
        f"supervisor:call_{name}": (NOBODY, "S")
        for name in ("listen", "whisper", "barge", "stop", "take_over")
    },
    **{
        f"desk:call_{name}": (NOBODY, "AS")
        for name in (
            "consult", "swap", "join", "drop", "complete", "leave", "decline", "hold", "resume", "mute", "unmute",
            "keys", "hang_up", "pass_outside", "camera",
        )
    },
    "admin:call_listening": ("SPM", "M"),
    "admin:call_video": ("SPM", "M"),
    "supervisor:person": ("ASP", "ASP"),
    "supervisor:presence": ("AS", "AS"),
    "supervisor:take_alarm": ("S", "S"),
    "supervisor:snooze_alarm": ("S", "S"),
    "supervisor:report": ("SPU", "SPU"),
    "supervisor:report_csv": ("SPU", "SPU"),
    "supervisor:contacts_csv": ("SPU", "SPU"),
    "supervisor:screens": ("M", "M"),
    "supervisor:make_link": ("M", "M"),
    **{
        f"planner:{name}": ("SP", NOBODY)
        for name in (
            "forecast", "forecast_state", "needs", "week", "week_state", "team", "kept", "what_if", "what_if_state",
            "hiring_file", "on_call", "today", "fairness",
        )
    },
    **{
        f"planner:{name}": ("SP", "P")
        for name in (
            "days", "history", "rule", "new_shift", "shift", "contract", "new_pattern", "pattern", "requests",
            "what_ifs", "past_days", "trainings", "hirings", "new_duty", "duty", "new_office", "office",
        )
    },
    **{
        f"planner:{name}": (NOBODY, "P")
        for name in (
            "run_forecast", "update_forecast", "remove_day", "count_history", "plan_week", "publish_week",
            "remove_shift", "apply", "decide_leave", "decide_trade", "close_offer",
            "share_duties", "give_duty", "decide_duty_trade", "send_offers", "read_today", "end_offer", "undo_taken",
            "decide_several",
        )
    },
    "planner:choose_people": ("P", NOBODY),
    "planner:changes": ("M", NOBODY),
    "planner:decide_change": (NOBODY, "M"),
    "planner:undo_change": (NOBODY, "M"),
    **{f"mine:{name}": ("AS", NOBODY) for name in ("shifts", "market", "kept", "on_call")},
    **{f"mine:{name}": ("AS", "AS") for name in ("trade", "leave", "called_out", "duty_trade")},
    **{
        f"mine:{name}": (NOBODY, "AS")
        for name in (
            "feed", "bid", "take_trade", "drop_trade", "take_offer", "decline_offer", "drop_leave", "places",
            "bid_duty", "take_duty", "drop_duty",
        )
    },
    **{f"admin:{name}": ("SPM", NOBODY) for name in ("home", "services", "queues", "calendars", "skills", "promises")},
    **{f"admin:{name}": ("SPM", "M") for name in ("service", "queue", "calendar", "skill", "question", "promise")},
    **{
        f"admin:{name}": ("M", "M")
        for name in ("new_service", "new_question", "new_queue", "new_calendar", "new_skill", "new_promise", "invite")
    },
    **{
        f"admin:{name}": (NOBODY, "M")
        for name in (
            "retire_service", "move_question", "drop_question", "retire_queue", "drop_promise", "person_link",
            "person_active", "person_sign_out",
        )
    },
    "admin:staff": ("SPM", NOBODY),
    "admin:person": ("SPM", "M"),
    "admin:texts": ("E", NOBODY),
    "admin:new_text": ("E", "E"),
    "admin:text": ("E", "E"),
    "admin:messages": ("SE", NOBODY),
    "admin:new_message": ("SE", "SE"),
    "admin:message": ("SE", "SE"),
    "admin:residents": ("SM", NOBODY),
    "admin:resident_export": (NOBODY, "SM"),
    "admin:resident_erase": ("M", "M"),
    "admin:holds": ("SMU", NOBODY),
    "admin:new_hold": ("SM", "SM"),
    "admin:hold": ("SMU", "SMU"),
    "admin:end_hold": (NOBODY, "M"),
    "admin:retention": ("MU", NOBODY),
    "admin:check_trail": (NOBODY, "MU"),
    "admin:connections": ("M", NOBODY),
    "admin:calls": ("SPM", NOBODY),
    "admin:call_menu": ("SPM", NOBODY),
    **{f"admin:{name}": ("SPM", "M") for name in ("call_settings", "call_step", "call_numbers", "calling_rule")},
    "admin:calling_rules": ("SPM", NOBODY),
    "admin:barred_numbers": ("SM", "SM"),
    "admin:free_number": (NOBODY, "SM"),
    **{f"admin:{name}": ("M", "M") for name in ("new_call_menu", "new_call_step", "try_call_menu")},
    **{
        f"admin:{name}": (NOBODY, "M")
        for name in ("publish_call_menu", "roll_back_call_menu", "drop_call_step", "drop_call_number")
    },
    "admin:try_call_sound": ("M", NOBODY),
    "admin:call_prompts": ("EM", NOBODY),
    **{f"admin:{name}": ("EM", "EM") for name in ("new_call_prompt", "call_prompt")},
    **{f"admin:{name}": (NOBODY, "EM") for name in ("record_call_prompt", "drop_call_recording")},
    "admin:call_prompt_sound": ("EM", NOBODY),
    "recordings:list": ("ASU", NOBODY),
    "recordings:recording": ("ASU", NOBODY),
    "recordings:sound": ("ASU", NOBODY),
    "recordings:open": (NOBODY, "ASU"),
    "recordings:download": (NOBODY, "U"),
    "recordings:message": ("AS", NOBODY),
    "recordings:message_sound": ("AS", NOBODY),
    "recordings:of_contact": ("AS", NOBODY),
    "recordings:rules": ("SPM", NOBODY),
    "recordings:save_rule": (NOBODY, "M"),
    "api_keys": ("M", "M"),
    "revoke_api_key": (NOBODY, "M"),
    "webhooks": ("M", NOBODY),
    "new_webhook": ("M", "M"),
    "webhook": ("M", "M"),
    "webhook_log": ("M", NOBODY),
    **{
        f"webhook_{name}": (NOBODY, "M") for name in ("active", "secret", "remove", "test", "again")
    },
    "admin:audit": ("U", NOBODY),
    "admin:audit_csv": ("U", NOBODY),
    "preferences": (EVERYBODY, EVERYBODY),
    "own_sessions": (EVERYBODY, NOBODY),
    "end_own_session": (NOBODY, EVERYBODY),
    "end_own_sessions": (NOBODY, EVERYBODY),
}  # fmt: skip

OUTSIDE = ("chat:", "portal:", "open311:", "api:")
"""Rooms of residents and of other systems: `outside.py` says of each address how it opens."""
OPEN_ROOMS = {
    "account_": "signing in",
    "mfa_": "signing in; allauth asks for the account itself",
    "socialaccount_": "signing in through a provider",
    "openid_connect_": "signing in through a provider",
    "accounts/social/": "signing in through a provider, old addresses",
}
OPEN: dict[str, str] = {
    "health-live": "says only that it lives",
    "health-ready": "says only whether it is ready",
    "metrics": "counts without names; closed at the proxy",
    "front_door": "leads to the portal in the reader's language",
    "staff_home": "leads to the sign-in or to one's place",
    "board:wall": "shows no names; wants the screen's link or a sign-in, tested in tests/integration/web/board",
    "board:now": "the same",
    "board:enter": "the screen's link",
    "mine:feed_file": "the secret address of one agent's calendar, tested in tests/integration/web/planner",
}
