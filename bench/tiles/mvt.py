"""Reads as much of a Mapbox Vector Tile as a count needs: layers, their features, their bytes.

Its own reader on purpose: it shares no code with either server.
Source: Mapbox Vector Tile Specification 2.1, `vector_tile.proto`.
"""

LAYER = 3
NAME, FEATURE = 1, 2
LENGTH_DELIMITED = 2
VARINT = 0


def layers(tile):
    """Features and bytes of each layer, by name."""
    found = {}
    for number, layer in fields(tile):
        if number != LAYER:
            continue
        parts = list(fields(layer))
        name = next(bytes(value).decode() for number, value in parts if number == NAME)
        found[name] = (sum(number == FEATURE for number, _ in parts), len(layer))
    return found


def fields(message):
    """Number and value of each field of a protobuf message."""
    at, view = 0, memoryview(message)
    while at < len(view):
        key, at = varint(view, at)
        kind = key & 7
        if kind == VARINT:
            value, at = varint(view, at)
        elif kind == LENGTH_DELIMITED:
            length, at = varint(view, at)
            value, at = view[at:at + length], at + length
        else:
            raise ValueError(f"field {key >> 3} of wire type {kind}, wanted 0 or 2")
        yield key >> 3, value


def varint(view, at):
    """A number and where the next byte is."""
    value = shift = 0
    while True:
        byte = view[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
