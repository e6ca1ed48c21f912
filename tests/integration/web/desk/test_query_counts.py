"""What a page of the desk asks of the database: a known number of readings, however much there is to show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from civicline.cases import services as cases
from civicline.cases.selectors import CaseFilter, list_cases, list_lines
from civicline.intake.ports import ResidentFacts
from civicline.kernel.models import AuditEntry
from civicline.people.models import RoleGrant, User
from tests.integration.web.desk.conftest import Desk
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
GRACE = ResidentFacts(name="Grace Okafor", email="grace@resident.example")
ALL_OPEN = "/desk/cases/?view=open"
# The person with their agent's part, their roles, the list; of the frame: contacts in hand, presence, notes of contacts
# and of cases that name them.
EMPTY_HANDS = 7
# Services, residents and last words of what is in hand.
HANDS = 3


def asked(desk: Desk, address: str) -> list[str]:
    """The statements of one page, asked for again so that what is kept for longer is there."""
    desk.read(address)
    with CaptureQueriesContext(connection) as watched:
        desk.read(address)
    return [query["sql"] for query in watched.captured_queries]


def titles() -> Iterator[str]:
    """Titles of cases."""
    for number in range(40):
        yield f"Lamp {number} is dark"


@pytest.fixture
def many_cases(town: Town, nadia: Desk) -> None:
    """More cases than a page has rows, with all that a row can show."""
    contact = town.chat("council-tax", resident=GRACE)
    for number, title in enumerate(titles()):
        opened = cases.open_case(type="complaint", title=title, contact=contact, service=contact.service)
        if number % 2:
            cases.assign_owner(case_id=opened.case.pk, agent_id=nadia.id, by=nadia.id)


@pytest.mark.usefixtures("many_cases")
def test_a_list_of_cases_takes_as_many_queries_as_none_at_all(nadia: Desk) -> None:
    assert nadia.read(ALL_OPEN).count("<tr") == 1 + 30
    for address in (
        ALL_OPEN,
        "/desk/cases/?view=followed",
        "/desk/cases/?view=mine",
        "/desk/cases/?q=nothing",
    ):
        statements = asked(nadia, address)
        assert len(statements) == EMPTY_HANDS, "\n".join(statements)


@pytest.mark.usefixtures("many_cases")
def test_what_is_in_hand_adds_the_same_for_one_and_for_many(town: Town, nadia: Desk) -> None:
    nadia.take(town.chat("council-tax", resident=GRACE))
    assert len(asked(nadia, ALL_OPEN)) == EMPTY_HANDS + HANDS
    nadia.take(town.chat("council-tax"))
    page = nadia.read(ALL_OPEN)
    assert page.count("<tr") == 31
    assert len(asked(nadia, ALL_OPEN)) == EMPTY_HANDS + HANDS


def test_the_desk_itself_asks_little_more(town: Town, nadia: Desk) -> None:
    # In place of the list of cases: open offers, the keys and the rows of the queues they serve.
    assert len(asked(nadia, "/desk/")) == EMPTY_HANDS - 1 + 3
    nadia.take(town.chat("council-tax", resident=GRACE))
    assert len(asked(nadia, "/desk/")) == EMPTY_HANDS - 1 + 3 + HANDS


def test_the_page_of_a_case_reads_each_part_once(town: Town, nadia: Desk) -> None:
    contact = town.chat("council-tax", resident=GRACE)
    case = cases.open_case(type="complaint", title="Bill", contact=contact, service=contact.service).case
    where = f"/desk/cases/{case.reference}/"
    before = AuditEntry.objects.filter(action="case.read").count()
    statements = asked(nadia, where)
    reads = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(reads) == len(set(reads)), "\n".join(sorted(reads))
    assert len(reads) <= EMPTY_HANDS + 14, "\n".join(reads)
    assert AuditEntry.objects.filter(action="case.read").count() == before + 2, (
        "each reading of a case is kept"
    )


def test_who_was_named_is_found_by_the_notes_alone(town: Town, nadia: Desk) -> None:
    if connection.vendor != "sqlite":
        return
    (statement,) = (sql for sql in asked(nadia, "/desk/") if 'CAST("intake_message"."mentions"' in sql)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
        assert "message_notes" in str(cursor.fetchall())


@pytest.mark.usefixtures("many_cases")
def test_each_list_has_the_rows_of_its_query(nadia: Desk) -> None:
    lists = [
        CaseFilter(open=True),
        CaseFilter(open=True, owner_id=nadia.id),
        CaseFilter(open=True, unowned=True),
        CaseFilter(open=True, breached=True),
        CaseFilter(follower_id=nadia.id),
        CaseFilter(open=False),
        CaseFilter(open=True, text="lamp 3"),
    ]
    for wanted in lists:
        whole, cursor = list_cases(wanted, order="due", limit=7), ""
        page = list_lines(wanted, order="due", limit=7)
        while True:
            assert [one.reference for one in page.lines] == [one.reference for one in whole.cases]
            for line, case in zip(page.lines, whole.cases, strict=True):
                assert (line.title, line.state, line.expected_at) == (
                    case.title,
                    case.state,
                    case.expected_at,
                )
                assert line.resident == str(case.resident or "")
                assert line.owner == (case.owner.user.name if case.owner else "")
            assert page.next == whole.next
            cursor = page.next
            if not cursor:
                break
            whole = list_cases(wanted, order="due", limit=7, cursor=cursor)
            page = list_lines(wanted, order="due", limit=7, cursor=cursor)


def test_a_right_that_was_taken_is_gone_with_the_next_page(nadia: Desk) -> None:
    nadia.read(ALL_OPEN)
    RoleGrant.objects.filter(user_id=nadia.id).delete()
    assert nadia.client.get(ALL_OPEN).status_code == 403
    User.objects.filter(pk=nadia.id).update(is_active=False)
    assert nadia.client.get(ALL_OPEN).status_code == 302


def test_another_agent_never_gets_the_list_of_the_one_before(
    town: Town, nadia: Desk, colleague: Desk
) -> None:
    contact = town.chat("council-tax", resident=GRACE)
    for desk, title in ((nadia, "Bill of March"), (colleague, "Bill of April")):
        case = cases.open_case(type="complaint", title=title, contact=contact, service=contact.service).case
        cases.assign_owner(case_id=case.pk, agent_id=desk.id, by=desk.id)
    for _again in range(2):
        assert "Bill of March" in (mine := nadia.read("/desk/cases/")) and "Bill of April" not in mine
        assert "Bill of April" in (theirs := colleague.read("/desk/cases/")) and "Bill of March" not in theirs


def test_an_account_read_by_its_key_is_the_one_read_by_its_address(nadia: Desk) -> None:
    user = User.objects.get(pk=nadia.id)
    assert (user, user.name) == (User.objects.get(email=user.email), "Nadia")
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk="00000000-0000-0000-0000-000000000000")
