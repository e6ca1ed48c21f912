"""All writes of people: residents, staff, presence."""

from civicline.people.services.holds import FINISH_ERASURES, end_hold, place_hold
from civicline.people.services.presence import (
    agent_freed,
    agent_seen,
    agents_seen,
    agents_vanished,
    engage,
    found_there,
    mark_not_responding,
    set_presence,
)
from civicline.people.services.residents import (
    change_resident,
    erase_resident,
    export_resident,
    finish_erasures,
    save_resident,
)
from civicline.people.services.staff import (
    SkillLevel,
    change_staff,
    create_staff,
    grant_role,
    revoke_role,
    save_skill,
    set_active,
    set_capacity,
    set_preferences,
    set_skill,
    set_skills,
)

__all__ = [
    "FINISH_ERASURES",
    "SkillLevel",
    "agent_freed",
    "agent_seen",
    "agents_seen",
    "agents_vanished",
    "change_resident",
    "change_staff",
    "create_staff",
    "end_hold",
    "engage",
    "erase_resident",
    "export_resident",
    "finish_erasures",
    "found_there",
    "grant_role",
    "mark_not_responding",
    "place_hold",
    "revoke_role",
    "save_resident",
    "save_skill",
    "set_active",
    "set_capacity",
    "set_preferences",
    "set_presence",
    "set_skill",
    "set_skills",
]
