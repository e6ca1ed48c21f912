"""Where the words lie: an FTS5 table on SQLite, a tsvector with a GIN index on PostgreSQL.

`detail=none`: which documents hold a word is kept, not where in them; that is looked up in the texts that are shown.
`fastupdate = off`: a search never has to read a list of what was not sorted in yet.
"""

from typing import Any

from django.db import migrations

_SQLITE = (
    "CREATE VIRTUAL TABLE finding_words USING fts5(words, detail='none', prefix='2 3 4', tokenize='ascii')",
    "CREATE TRIGGER finding_document_gone AFTER DELETE ON finding_document"
    " BEGIN DELETE FROM finding_words WHERE rowid = old.id; END",
)
_POSTGRESQL = (
    "ALTER TABLE finding_document ADD COLUMN lexemes tsvector",
    *(
        f"CREATE INDEX finding_words_{kind} ON finding_document USING gin (lexemes) WITH (fastupdate = off)"
        f" WHERE kind = '{kind}'"
        for kind in ("contact", "case", "resident")
    ),
)


def make(_apps: Any, schema_editor: Any) -> None:
    """Lay out what this database finds words by."""
    for statement in _SQLITE if schema_editor.connection.vendor == "sqlite" else _POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop(_apps: Any, schema_editor: Any) -> None:
    """On PostgreSQL they go with their column."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER finding_document_gone")
        schema_editor.execute("DROP TABLE finding_words")
    else:
        schema_editor.execute("ALTER TABLE finding_document DROP COLUMN lexemes")


class Migration(migrations.Migration):
    dependencies = [("finding", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
