"""The query language of the search box, the address and the API.

`parser` turns a text into terms, `lexicon` knows what their names and words mean in a project, and
`conditions` turns them into what the database is asked.
"""

from webapp.selectors.searching.conditions import compile_search, with_phrases
from webapp.selectors.searching.found import Found
from webapp.selectors.searching.lexicon import Lexicon
from webapp.selectors.searching.parser import parse
from webapp.selectors.searching.terms import BadQuery, Search
from webapp.selectors.searching.words import sentences

__all__ = [
    "BadQuery",
    "Found",
    "Lexicon",
    "Search",
    "compile_search",
    "parse",
    "sentences",
    "with_phrases",
]
