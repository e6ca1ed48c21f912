"""People: residents, staff, skills, presence, roles and permissions."""
