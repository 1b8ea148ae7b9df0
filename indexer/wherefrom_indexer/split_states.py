"""The split patterns as machines that read a text once, a character at a time.

A regular expression that gives characters back when the rest of it fails would be tried again and again. A machine
instead remembers in its state what it has read since the last cut, and at most two places where to cut if what follows
demands it: A, after the last line end of white space or the last caseless letter of a word; and B, the last character
of white space or an apostrophe. Every character is read once, whatever the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from functools import cache

import numpy as np
from numpy.typing import NDArray

KINDS = 32
"""Width of a row of a machine's table."""

# What a step does: some of these, plus KINDS times the state that it leads to. The cuts are made in this order.
CUT_A = 1
CUT_B = 2
CUT_HERE = 4  # before the character that is read
SET_A = 8  # after the character that is read
SET_B = 16  # before it


class Kind(IntEnum):
    """What the machines know of a character."""

    SYMBOL = 0
    MARK = auto()
    NUMBER = auto()
    SPACE = auto()
    CASELESS = auto()
    LOWER = auto()
    UPPER = auto()
    # Of scripts that are written without spaces.
    ALONE_SYMBOL = auto()
    ALONE_MARK = auto()
    ALONE_NUMBER = auto()
    ALONE_CASELESS = auto()
    # Characters that patterns name.
    BLANK = auto()
    LINE_END = auto()
    APOSTROPHE = auto()
    SLASH = auto()
    LOWER_S = auto()  # s, t, m, d: after an apostrophe a contraction
    UPPER_S = auto()
    LONG_S = auto()
    LOWER_R = auto()  # r, v: with an e after them
    UPPER_R = auto()
    LOWER_L = auto()  # with another after it
    UPPER_L = auto()
    LOWER_E = auto()
    UPPER_E = auto()
    END = auto()  # of the text


class State(IntEnum):
    """What was read since the last cut."""

    BEGIN = 0  # nothing
    DONE = auto()  # a pre-token that nothing can be added to
    BLANK = auto()  # a blank
    WHITE = auto()  # another character of white space
    WHITES = auto()  # more of them; the last, not a blank, begins at B
    WHITES_BLANK = auto()  # more of them; the last, a blank, begins at B
    LINES = auto()  # white space and a line end
    LINES_WHITE = auto()  # such, to A, and WHITE
    LINES_BLANK = auto()  # such, to A, and BLANK
    LINES_WHITES = auto()  # such, to A, and WHITES
    LINES_WHITES_BLANK = auto()  # such, to A, and WHITES_BLANK
    LINE_ENDS = auto()  # line ends where they are not like other white space
    WORD = auto()
    CAPITALS = auto()
    CASELESS = auto()  # the first part of a word, the last character of which is caseless
    CASELESS_CAPITALS = auto()  # such, to A, and CAPITALS
    LOWERS = auto()  # a word in its second part
    WORD_QUOTE = auto()  # a word, to B, and an apostrophe
    WORD_LOWER_R = auto()  # a word, to B, and 'r or 'v
    WORD_UPPER_R = auto()
    WORD_LOWER_L = auto()  # a word, to B, and 'l
    WORD_UPPER_L = auto()
    QUOTE = auto()  # an apostrophe where a contraction can begin
    QUOTE_R = auto()  # and r or v, from B on
    QUOTE_L = auto()  # and l, from B on
    NUMBER = auto()  # a number without limit, or of one digit
    NUMBER_2 = auto()
    SYMBOL = auto()  # a symbol that can belong to the word after it
    SYMBOLS = auto()
    SYMBOLS_LINES = auto()  # symbols and line ends


_S, _K = State, Kind
_UPPERS = {_K.UPPER, _K.UPPER_S, _K.UPPER_R, _K.UPPER_L, _K.UPPER_E}
_LOWERS = {_K.LOWER, _K.LOWER_S, _K.LOWER_R, _K.LOWER_L, _K.LOWER_E, _K.LONG_S}
_LETTERS = _UPPERS | _LOWERS | {_K.CASELESS}
_SYMBOLS = {_K.SYMBOL, _K.APOSTROPHE, _K.SLASH, _K.MARK}
_PLAIN = {
    _K.ALONE_SYMBOL: _K.SYMBOL,
    _K.ALONE_MARK: _K.MARK,
    _K.ALONE_NUMBER: _K.NUMBER,
    _K.ALONE_CASELESS: _K.CASELESS,
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """In what the patterns differ.

    Attributes:
        digits: the most digits of a number: 1, 3, or 0 for no limit.
        space_before_number: a number takes the blank before it, as words and symbols do.
        contractions: 's, 't, 're, 've, 'm, 'll and 'd are pre-tokens.
        contractions_in_words: they belong to the word before them.
        any_case: so they do in capitals.
        prefix: a word takes any one character before it, but letters, numbers and line ends.
        cased: a word is UPPER* LOWER+ or UPPER+ LOWER*, where caseless letters and marks are both.
        symbols_take: what symbols take after them.
        line_ends: white space ends after its last line end.
        scripts_alone: scripts without spaces are split into characters, marks belong to words, line ends are not white
            space, and white space gives up its last character only if that is a blank and a word or symbol follows.
    """

    digits: int
    space_before_number: bool = False
    contractions: bool = False
    contractions_in_words: bool = False
    any_case: bool = True
    prefix: bool = True
    cased: bool = False
    symbols_take: frozenset[Kind] = frozenset({Kind.LINE_END})
    line_ends: bool = True
    scripts_alone: bool = False


@cache
def machine(grammar: Grammar) -> NDArray[np.uint16]:
    """Return the table of a grammar's machine (read-only): its step in state s on kind k is at s * KINDS + k."""
    table = np.zeros((len(State), KINDS), np.uint16)
    steps = _Steps(grammar)
    for state in State:
        for kind in Kind:
            table[state, kind] = steps.step(state, kind)
    table.flags.writeable = False
    return table.reshape(-1)


class _Steps:
    """The steps of one machine."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def step(self, state: State, kind: Kind) -> int:
        """What is done on a character: it is added, or something is cut off and what is left makes the step."""
        plain = kind if self.grammar.scripts_alone else _PLAIN.get(kind, kind)
        added = self._added(state, plain)
        if added is not None:
            return KINDS * added + self._marks(added)
        if state is _S.BEGIN:
            begun = self._begun(plain)
            return KINDS * begun + self._marks(begun)
        cut, left = self._cut(state, plain)
        return cut | self.step(left, kind)

    def _marks(self, state: State) -> int:
        """The places that are remembered on the way to a state."""
        if state in (_S.LINES, _S.CASELESS):
            return SET_A
        last_is_marked = (_S.WHITES, _S.WHITES_BLANK, _S.LINES_WHITES, _S.LINES_WHITES_BLANK)
        return SET_B if state in (*last_is_marked, _S.WORD_QUOTE, _S.QUOTE_R, _S.QUOTE_L) else 0

    def _begun(self, kind: Kind) -> State:
        """The state after the first character of a pre-token."""
        grammar = self.grammar
        if self._begins_word(kind):
            return self._word(kind)
        if kind is _K.NUMBER:
            return _S.DONE if grammar.digits == 1 else _S.NUMBER
        if kind is _K.LINE_END:
            return _S.LINE_ENDS if grammar.scripts_alone else _S.LINES if grammar.line_ends else _S.WHITE
        if kind is _K.APOSTROPHE and grammar.contractions:
            return _S.QUOTE
        if kind in _SYMBOLS:
            return _S.SYMBOL if grammar.prefix else _S.SYMBOLS
        return {_K.BLANK: _S.BLANK, _K.SPACE: _S.WHITE, _K.END: _S.BEGIN}.get(kind, _S.DONE)

    def _added(self, state: State, kind: Kind) -> State | None:
        """The state after a character that belongs to what was read, or may do so; None if it does not."""
        grammar = self.grammar
        if state in _AFTER_WHITE:
            white = self._white(state, kind)
            if white is not None:
                return white
        if state in (_S.WORD_QUOTE, _S.QUOTE, *_WITH_E, *_WITH_L):
            contraction = self._contraction(state, kind)
            if contraction is not None:
                return contraction
        takes_word = state is _S.BLANK or (grammar.prefix and state in (_S.WHITE, _S.SYMBOL, _S.QUOTE))
        if takes_word and self._begins_word(kind):
            return self._word(kind)
        if state is _S.BLANK and kind is _K.NUMBER and grammar.space_before_number:
            return _S.NUMBER
        if state in (_S.BLANK, _S.SYMBOL, _S.SYMBOLS, _S.QUOTE) and kind in _SYMBOLS:
            return _S.SYMBOLS
        if state in (_S.SYMBOL, _S.SYMBOLS, _S.QUOTE) and kind is _K.LINE_END and kind in grammar.symbols_take:
            return _S.SYMBOLS_LINES
        if state is _S.SYMBOLS_LINES and kind in grammar.symbols_take:
            return state
        if state is _S.LINE_ENDS and kind is _K.LINE_END:
            return state
        if kind is _K.NUMBER and state in (_S.NUMBER, _S.NUMBER_2):
            return _S.NUMBER if grammar.digits == 0 else _S.NUMBER_2 if state is _S.NUMBER else _S.DONE
        return self._word_with(state, kind)

    def _white(self, state: State, kind: Kind) -> State | None:
        """White space and one more of it."""
        if kind is _K.LINE_END and not self.grammar.scripts_alone:
            if self.grammar.line_ends:
                return _S.LINES
            kind = _K.SPACE
        if kind not in (_K.BLANK, _K.SPACE):
            return None
        return _AFTER_WHITE[state][kind is _K.BLANK]

    def _word_with(self, state: State, kind: Kind) -> State | None:
        """A word and a character that may belong to it."""
        is_letter = kind in _LETTERS
        if state is _S.WORD or (state in (_S.QUOTE_R, _S.QUOTE_L) and self.grammar.prefix):
            return _S.WORD if is_letter or (kind is _K.MARK and self.grammar.scripts_alone) else None
        if state not in (_S.CAPITALS, _S.CASELESS, _S.CASELESS_CAPITALS, _S.LOWERS):
            return None
        if kind is _K.APOSTROPHE and self.grammar.contractions_in_words and state is not _S.CASELESS_CAPITALS:
            return _S.WORD_QUOTE
        if state is _S.LOWERS:
            return _S.LOWERS if kind in _LOWERS or kind in (_K.CASELESS, _K.MARK) else None
        if kind in _UPPERS:
            return _S.CAPITALS if state is _S.CAPITALS else _S.CASELESS_CAPITALS
        return self._word(kind) if is_letter or kind is _K.MARK else None

    def _contraction(self, state: State, kind: Kind) -> State | None:
        """An apostrophe, or it and r, v or l, and a character that may belong to a contraction."""
        if kind in (_K.UPPER_S, _K.LONG_S, _K.UPPER_R, _K.UPPER_L, _K.UPPER_E) and not self.grammar.any_case:
            return None
        if state in _WITH_E:
            return _S.DONE if kind in (_K.LOWER_E, _K.UPPER_E) else None
        if state in _WITH_L:
            return _S.DONE if kind in (_K.LOWER_L, _K.UPPER_L) else None
        if kind in (_K.LOWER_S, _K.UPPER_S, _K.LONG_S):
            return _S.DONE
        if state is _S.WORD_QUOTE:
            return _WORD_CONTRACTIONS.get(kind)
        return _QUOTE_CONTRACTIONS.get(kind)

    def _cut(self, state: State, kind: Kind) -> tuple[int, State]:
        """What is cut when a character does not belong to what was read, and the state of what is left."""
        if state in _LEFT_AFTER_A:
            return CUT_A, _LEFT_AFTER_A[state]
        if state in _LEFT_AFTER_B:
            return CUT_B, _LEFT_AFTER_B[state]
        if state in (_S.QUOTE_R, _S.QUOTE_L) and not self.grammar.prefix:
            return CUT_B, _S.WORD
        if state in _LAST_OF_WHITE and self._takes_last_of_white(state, kind):
            return CUT_B, _LAST_OF_WHITE[state]
        return CUT_HERE, _S.BEGIN

    def _takes_last_of_white(self, state: State, kind: Kind) -> bool:
        """Whether white space is split before its last character because of what follows."""
        if self.grammar.scripts_alone:
            return state is _S.WHITES_BLANK and (self._begins_word(kind) or kind in _SYMBOLS)
        return kind is not _K.END

    def _begins_word(self, kind: Kind) -> bool:
        return kind in _LETTERS or (kind is _K.MARK and self.grammar.cased)

    def _word(self, kind: Kind) -> State:
        """The state in which a word is after a letter that may be its first."""
        if not self.grammar.cased:
            return _S.WORD
        return _S.CAPITALS if kind in _UPPERS else _S.LOWERS if kind in _LOWERS else _S.CASELESS


# White space and one more character of it: the state if that is no blank, and if it is.
_AFTER_WHITE = {
    **dict.fromkeys((_S.BLANK, _S.WHITE, _S.WHITES, _S.WHITES_BLANK), (_S.WHITES, _S.WHITES_BLANK)),
    _S.LINES: (_S.LINES_WHITE, _S.LINES_BLANK),
    **dict.fromkeys(
        (_S.LINES_WHITE, _S.LINES_BLANK, _S.LINES_WHITES, _S.LINES_WHITES_BLANK),
        (_S.LINES_WHITES, _S.LINES_WHITES_BLANK),
    ),
}
_WITH_E = (_S.QUOTE_R, _S.WORD_LOWER_R, _S.WORD_UPPER_R)
_WITH_L = (_S.QUOTE_L, _S.WORD_LOWER_L, _S.WORD_UPPER_L)
_QUOTE_CONTRACTIONS = {
    _K.LOWER_R: _S.QUOTE_R,
    _K.UPPER_R: _S.QUOTE_R,
    _K.LOWER_L: _S.QUOTE_L,
    _K.UPPER_L: _S.QUOTE_L,
}
_WORD_CONTRACTIONS = {
    _K.LOWER_R: _S.WORD_LOWER_R,
    _K.UPPER_R: _S.WORD_UPPER_R,
    _K.LOWER_L: _S.WORD_LOWER_L,
    _K.UPPER_L: _S.WORD_UPPER_L,
}
_LAST_OF_WHITE = {_S.WHITES: _S.WHITE, _S.WHITES_BLANK: _S.BLANK}
_LEFT_AFTER_A = {
    _S.LINES_WHITE: _S.WHITE,
    _S.LINES_BLANK: _S.BLANK,
    _S.LINES_WHITES: _S.WHITES,
    _S.LINES_WHITES_BLANK: _S.WHITES_BLANK,
    _S.CASELESS_CAPITALS: _S.CAPITALS,
}
_LEFT_AFTER_B = {
    _S.WORD_QUOTE: _S.SYMBOL,
    _S.WORD_LOWER_R: _S.LOWERS,
    _S.WORD_LOWER_L: _S.LOWERS,
    _S.WORD_UPPER_R: _S.CAPITALS,
    _S.WORD_UPPER_L: _S.CAPITALS,
}
