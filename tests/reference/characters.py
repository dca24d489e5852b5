"""Texts to ids: padding is 0, unknown is 1, then 0x20 to 0x7E in order. Nothing here is padded."""

IDS = 97
UNKNOWN = 1
FIRST = 0x20
LAST = 0x7E


def ids(text):
    """The id of each character."""
    return [ord(c) - FIRST + 2 if FIRST <= ord(c) <= LAST else UNKNOWN for c in text]
