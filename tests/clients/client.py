"""Segment's or RudderStack's client for Python tells a story.

client.py PACKAGE gzip|plain HOST KEY STORY
"""

import importlib
import json
import sys

NAMES = {
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "previousId": "previous_id",
    "groupId": "group_id",
}


def main():
    package, packed, host, key, story = sys.argv[1:]
    failed = []
    client = importlib.import_module(package + ".client").Client(
        key,
        host=host,
        gzip=packed == "gzip",
        on_error=lambda error, batch: failed.append(error),
    )
    with open(story, encoding="utf-8") as file:
        for said in json.load(file):
            tell = getattr(client, said.pop("call"))
            tell(**{NAMES.get(name, name): value for name, value in said.items()})
    print("queued", flush=True)
    client.flush()
    client.join()
    sys.exit(f"not delivered: {failed}" if failed else 0)


main()
