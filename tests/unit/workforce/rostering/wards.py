"""Small instances of our own in the published format, for the rostering tests."""

import random

WARD = """\
# Four nurses, two weeks, early and late
SECTION_HORIZON
14

SECTION_SHIFTS
# ShiftID, Length in mins, Shifts which cannot follow this shift | separated
E,480,
L,480,E

SECTION_STAFF
# ID, MaxShifts, MaxTotalMinutes, MinTotalMinutes, MaxConsecutive, MinConsecutive, MinDaysOff, MaxWeekends
Ada,E=14|L=14,4320,3360,5,2,2,1
Ben,E=14|L=0,4320,3360,5,2,2,1
Cyd,E=14|L=3,4320,3360,5,2,2,1
Dov,E=14|L=14,2400,960,4,1,2,1

SECTION_DAYS_OFF
Ada,0
Ben,5,6
Cyd,9

SECTION_SHIFT_ON_REQUESTS
Ada,2,E,2
Ada,3,E,2
Dov,7,L,3

SECTION_SHIFT_OFF_REQUESTS
Ben,8,E,3
Cyd,2,L,1

SECTION_COVER
# Day, ShiftID, Requirement, Weight for under, Weight for over
"""
WARD += "".join(
    f"{day},{shift},{required},100,1\n"
    for day in range(14)
    for shift, required in (("E", 1 if day % 7 > 4 else 2), ("L", 1))
)


def made(staff: int, weeks: int, *, seed: int) -> str:
    """A ward with chance in its contracts, wishes and requirements: three shifts of 8 and 10 hours."""
    chance = random.Random(seed)
    days = 7 * weeks
    shifts = {"E": (480, ""), "D": (600, "E"), "N": (480, "E|D")}
    rows = ["SECTION_HORIZON", str(days), "SECTION_SHIFTS"]
    rows += [f"{key},{minutes},{barred}" for key, (minutes, barred) in shifts.items()]
    rows.append("SECTION_STAFF")
    people = [f"P{number}" for number in range(staff)]
    for name in people:
        nights = chance.choice([0, 3, days])
        run, off = chance.choice([(5, 2), (6, 3), (4, 1)])
        most = 2160 * weeks if chance.random() < 0.8 else 1200 * weeks
        rows.append(
            f"{name},E={days}|D={days}|N={nights},{most},{most - 1200},{run},2,{off},{max(1, weeks - 1)}"
        )
    rows.append("SECTION_DAYS_OFF")
    rows += [f"{name},{chance.randrange(days)}" for name in people]
    for section in ("ON", "OFF"):
        rows.append(f"SECTION_SHIFT_{section}_REQUESTS")
        wished = {(name, chance.randrange(days // 2) + (section == "ON") * (days // 2)) for name in people}
        rows += [
            f"{name},{day},{chance.choice('EDN')},{chance.randint(1, 3)}" for name, day in sorted(wished)
        ]
    rows.append("SECTION_COVER")
    for day in range(days):
        rows += [f"{day},{key},{chance.randint(1, max(1, staff // 4))},100,1" for key in shifts]
    return "\n".join(rows) + "\n"
