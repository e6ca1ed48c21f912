"""Promises are written by administrators, and kept as they were made."""

from __future__ import annotations

from typing import Any

import pytest

from civicline.cases import selectors
from civicline.cases.services import remove_policy, save_policy
from civicline.kernel.errors import Invalid, NotFound
from civicline.kernel.models import AuditEntry


def test_a_promise_is_changed_for_cases_to_come(town: Any) -> None:
    before = town.case()
    save_policy(type="complaint", targets={"resolution": 7200, "first_answer": 0}, calendar=town.calendar)
    assert [(line.kind, line.target_s) for line in selectors.clocks_of(town.case().pk)] == [
        ("resolution", 7200)
    ]
    assert len(selectors.clocks_of(before.pk)) == 2
    audit = AuditEntry.objects.get(action="case_policy.changed")
    assert audit.data["after"] == {"resolution": 7200}
    assert audit.data["before"]["first_answer"] == 8 * 3600


def test_a_service_goes_its_own_way_and_comes_back(town: Any) -> None:
    own = save_policy(
        type="complaint", targets={"resolution": 3600}, calendar=town.calendar, service=town.service
    )
    rows = [(row.type, row.service) for row in selectors.list_policies()]
    assert rows[1:3] == [("complaint", None), ("complaint", town.service)]
    remove_policy(policy_id=own.pk)
    assert len(selectors.clocks_of(town.case().pk)) == 2
    with pytest.raises(NotFound):
        remove_policy(policy_id=own.pk)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "petition", "targets": {}}, "type"),
        ({"type": "complaint", "targets": {"answer": 60}}, "targets"),
        ({"type": "complaint", "targets": {"resolution": -1}}, "targets"),
        ({"type": "complaint", "targets": {"resolution": True}}, "targets"),
        ({"type": "complaint", "targets": {"resolution": 10**9}}, "targets"),
    ],
)
def test_a_promise_that_makes_no_sense_is_refused(town: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_policy(calendar=town.calendar, **given)
    assert list(refused.value.field_messages("en")) == [field]
