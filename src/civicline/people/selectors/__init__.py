"""All reads of people: residents, staff, skills, presence, legal holds."""

from civicline.people.permissions import roles_of
from civicline.people.selectors.agents import (
    agent_names,
    find_agent,
    get_agent,
    list_agents,
    names_of,
    own_agent,
)
from civicline.people.selectors.holds import (
    get_hold,
    held_ids,
    hold_on,
    hold_over,
    is_held,
    list_holds,
)
from civicline.people.selectors.presence import (
    AgentFacts,
    agent_states,
    agents_gone_since,
    available_agent_ids,
    find_presence,
    signed_in_agent_ids,
    signed_in_states,
    silent_agent_ids,
    who_is_there,
)
from civicline.people.selectors.residents import (
    find_resident,
    find_residents,
    get_resident,
    search_residents,
    waiting_erasures,
)
from civicline.people.selectors.skills import (
    expiring_skills,
    levels_of,
    list_skills,
    names_of_skills,
    skill_levels,
    skill_names,
)
from civicline.people.selectors.staff import (
    get_user,
    is_staff,
    list_staff,
    users_with_role,
)

__all__ = [
    "AgentFacts",
    "agent_names",
    "agent_states",
    "agents_gone_since",
    "available_agent_ids",
    "expiring_skills",
    "find_agent",
    "find_presence",
    "find_resident",
    "find_residents",
    "get_agent",
    "get_hold",
    "get_resident",
    "get_user",
    "held_ids",
    "hold_on",
    "hold_over",
    "is_held",
    "is_staff",
    "levels_of",
    "list_agents",
    "list_holds",
    "list_skills",
    "list_staff",
    "names_of",
    "names_of_skills",
    "own_agent",
    "roles_of",
    "search_residents",
    "signed_in_agent_ids",
    "signed_in_states",
    "silent_agent_ids",
    "skill_levels",
    "skill_names",
    "users_with_role",
    "waiting_erasures",
    "who_is_there",
]
