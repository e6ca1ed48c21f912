"""What may become of a telephone call: one table. The contact of the call has its own, in `engine.lifecycle`.

A call that waits or talks goes on in the exchange whatever happens to us, so the table has a way from each state to
"ended", and one back into the line from each state in which somebody was with the caller.
"""

from typing import Final, Literal

from civicline.engine.lifecycle import Move, Table

CallState = Literal[
    "ringing",
    "ivr",
    "queued",
    "offered",
    "talking",
    "held",
    "outside",
    "callback",
    "dialling",
    "wrapup",
    "ended",
]
LIVE: Final = ("ringing", "ivr", "queued", "offered", "talking", "held", "outside")
"""The caller is on the line; "outside": with somebody outside the house and nobody of ours. In "callback"
nobody is: we call them; in "dialling" their telephone rings.
"""

_OVER = ("hung_up", "agent_hung_up", "flow_ended", "lost", "refused", "unreached", "cancelled", "rejoined")

_STATES: Final = (
    "ringing", "ivr", "queued", "offered", "talking", "held", "outside", "callback", "dialling", "wrapup", "ended",
)  # fmt: skip

CALL: Final = Table(
    "call",
    states=_STATES,
    initial="ringing",
    moves=(
        Move("ringing", "ivr", "call.menu_entered"),
        Move("ringing", "queued", "call.queued"),
        Move("ivr", "queued", "call.queued"),
        Move("queued", "ivr", "call.menu_entered"),
        Move("queued", "offered", "call.phone_rang"),
        Move("offered", "queued", "call.returned"),
        Move("queued", "talking", "call.talking"),
        Move("offered", "talking", "call.talking"),
        *(Move(origin, "callback", "call.to_be_called") for origin in ("ivr", "queued", "offered")),
        Move("callback", "queued", "call.rejoined"),
        Move("callback", "dialling", "call.dialled"),
        Move("dialling", "callback", "call.not_reached"),
        Move("dialling", "talking", "call.talking"),
        Move("talking", "held", "call.held"),
        Move("held", "talking", "call.resumed"),
        *(Move(origin, "queued", "call.returned") for origin in ("talking", "held")),
        *(Move(origin, "outside", "call.passed_outside") for origin in ("ivr", "talking", "held")),
        Move("outside", "ivr", "call.menu_entered"),
        Move("outside", "queued", "call.returned"),
        *(Move(origin, "wrapup", "call.hung_up", _OVER) for origin in ("talking", "held")),
        *(Move(origin, "ended", "call.ended", _OVER) for origin in _STATES[:-1]),
    ),
)
