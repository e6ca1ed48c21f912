"""Documents as dataclasses: one declaration gives the JSON Schema, the reading of requests and the writing of answers.

@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    '''A note.'''
    text: Annotated[str, Rule("What to say.", least=1, most=20_000)]
    public: Annotated[bool, Rule("Whether everybody may read it.")] = False

read(NewNote, {"text": "Hello"})        # NewNote(...), or Flaws with a pointer for each wrong value
schema_of(NewNote, names)               # {"type": "object", ...}, nested documents by reference
"""

from civicline.api.schema.describing import parameters_of, schema_of
from civicline.api.schema.reading import Flaws, read, read_words
from civicline.api.schema.shapes import Rule, plain

__all__ = ["Flaws", "Rule", "parameters_of", "plain", "read", "read_words", "schema_of"]
