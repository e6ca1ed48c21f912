"""Addresses of the interface, made from the table of operations; what is in none of its rows is a problem document."""

import re
from collections import defaultdict

from django.urls import path

from civicline.api import resources
from civicline.api.endpoint import endpoint
from civicline.api.operation import OPERATIONS, Operation

app_name = "api"
TABLE = resources  # importing it has filled the table

_by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
for _row in OPERATIONS:
    _by_path[_row.path][_row.method] = _row

urlpatterns = [
    *(
        path(re.sub(r"\{(\w+)\}", r"<str:\1>", address.lstrip("/")), endpoint(rows))
        for address, rows in _by_path.items()
    ),
    path("", endpoint({}), name="root"),
    path("<path:rest>", endpoint({})),
]
