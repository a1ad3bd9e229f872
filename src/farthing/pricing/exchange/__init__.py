"""Price lists in the formats of other tools in, overrides out; and the other way round. Pure: bytes in, bytes out."""
