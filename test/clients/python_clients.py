"""The SDKs for Python as one application that sends events with each of them; commands and reports are those of node-clients.mjs."""

import json
import logging
import os
import sys
from datetime import datetime, timezone
from threading import Thread

from rudderstack.analytics.client import Client as RudderClient
from segment.analytics import Client as SegmentClient

URL = os.environ["CLIENT_URL"]
KEYS = json.loads(os.environ["CLIENT_KEYS"])
BASE_MS = int(os.environ["CLIENT_BASE_MS"])
BATCH = 5

# The SDKs log each attempt that fails; an outage is expected here.
for name in ("segment", "rudderstack"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


def report(**line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def properties_of(n):
    return {"n": n, "price": 12.5, "text": "Käse 🧀", "list": [1, "b", None, True], "deep": {"empty": {}}}


def send(name, client, n):
    who = {"anonymous_id": f"{name}-visitor-{n}"} if n % 10 == 9 else {"user_id": f"{name}-user-{n % 3}"}
    common = {"message_id": f"{name}-{n}", "timestamp": datetime.fromtimestamp(BASE_MS / 1000 + n, timezone.utc)}
    if n == 0:
        client.identify(traits=properties_of(n), **who, **common)
    elif n == 1:
        client.page(name="Home", properties=properties_of(n), **who, **common)
    elif n == 2:
        client.screen(name="Home", properties=properties_of(n), **who, **common)
    elif n == 3:
        client.group(group_id="g1", traits=properties_of(n), **who, **common)
    elif n == 4:
        client.alias(previous_id=f"{name}-before-{n}", **who, **common)
    else:
        client.track(event="Visit", properties=properties_of(n), **who, **common)


def on_error_of(name):
    def on_error(_error, batch):
        for item in batch:
            report(client=name, n=int(item["messageId"].rsplit("-", 1)[1]), failed=True)

    return on_error


def end(name, client):
    # flush waits until the queue is empty; join alone would stop a batch that waits for its next attempt.
    client.flush()
    client.join()
    report(client=name, ended=True)


clients = {
    "segment-python": SegmentClient(KEYS["segment-python"], host=URL, upload_size=BATCH, on_error=on_error_of("segment-python")),
    "rudderstack-python": RudderClient(KEYS["rudderstack-python"], host=URL, upload_size=BATCH, on_error=on_error_of("rudderstack-python")),
}

for line in sys.stdin:
    command = json.loads(line)
    if command.get("end"):
        break
    first, after = command["send"]
    for n in range(first, after):
        for name, client in clients.items():
            send(name, client, n)

threads = [Thread(target=end, args=entry) for entry in clients.items()]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
