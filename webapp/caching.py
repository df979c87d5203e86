"""What Django keeps in Valkey is JSON: its own way, pickle, runs whatever somebody put there."""

import json


class JSONSerializer:
    """Turns values into bytes and back; numbers stay numbers, so that the server can count."""

    def dumps(self, value: object) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> object:
        try:
            return json.loads(data)
        except ValueError:  # an earlier release left it: as if nothing were there
            return None
