"""What JSON Schema cannot say about requests. Cases that follow the schema are changed so that they follow these rules too; all others go as they are."""

import os

import schemathesis
from schemathesis import GenerationMode

OWN_KEY = os.environ["RONDO_KEY"].split("_")[2]
OTHER_KEY = "000000000000"


# What the server has, for parts of paths that name it.
THINGS = {"cycle": "pulse", "stage": "here", "name": "page.js"}

text_types = ["application/x-ndjson", "text/csv", "text/html", "text/css", "text/javascript"]


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else str(value).encode()


for text_type in text_types:
    schemathesis.deserializer(text_type)(lambda context, response: response.content.decode())


def follows_schema(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def opaque_cursor(case):
    """A cursor is a value of an earlier answer: 0 is the beginning of each list."""
    if "after" in case.query and not case.path.startswith("/v1/keys"):
        case.query["after"] = "0"


def cursor_in_body(case):
    case.body["after"] = "0"


def one_end(case):
    """The feed is read after a cursor, or from its newest end."""
    if "newest" in case.query:
        case.query.pop("after", None)


def range_of_hours(case):
    """A range begins before it ends, and has at most 31 days."""
    case.query.update({"from": "2026-01-01T00:00:00Z", "until": "2026-01-31T00:00:00Z"})


def known_names(case):
    """Names of zones and stages exist, and the actors of the app have no trait."""
    for name in ("where", "trait"):
        case.query.pop(name, None)
    for name in {"stage", "source", "target"} & case.query.keys():
        case.query[name] = "here"
    if "zone" in case.query:
        case.query["zone"] = "Europe/Amsterdam"


def known_stages(case):
    case.query["stage"] = "here"
    if "to" in case.query:
        case.query["to"] = "any"


def first_page(case):
    """A cursor is a value of an earlier answer to the same question."""
    case.query.pop("after", None)


def any_moment(case):
    """A moment is not before the first transition, and where actors came from has a moment too."""
    for name in {"at", "known-at", "source-at"} & case.query.keys():
        case.query[name] = "2100-01-01T00:00:00Z"
    if "source" in case.query or "source-at" in case.query:
        case.query.update({"source": "here", "source-at": "2100-01-01T00:00:00Z"})


def open_range(case):
    """A range begins before it ends."""
    if "from" in case.query:
        case.query["from"] = "2026-01-01T00:00:00Z"
    if "until" in case.query:
        case.query["until"] = "2026-01-31T00:00:00Z"


def json_schema(case):
    """The schema of a contract is itself a JSON Schema."""
    case.body["schema"] = {"type": "object"}


def no_repair(case):
    """The paths, the pattern of times and the time zone of a repair must exist."""
    case.body.pop("repair", None)


def history(case):
    """A history has at least one event in its first lines."""
    case.body = '{"id":"h1","event":"Visit","actor":{"type":"user","id":"h"},"time":"2026-01-01T00:00:00Z","receivedAt":"2026-01-01T00:00:00Z"}\n'


def link(case):
    """What a link shows is a path of Rondo, and a read key signs it."""
    case.body = {"path": "/v1/cycles/pulse/stages", "key": OTHER_KEY}


def short_ids(case):
    """A number is taken as an id if its digits have at most 256 bytes."""
    for name in ("userId", "anonymousId", "messageId", "distinct_id", "uuid", "subject"):
        value = case.body.get(name)
        if isinstance(value, (int, float)) and abs(value) >= 1e250:
            case.body[name] = "u1"


rules = {
    "GET /v1/transitions": [opaque_cursor, one_end],
    "GET /v1/quarantine": [opaque_cursor],
    "GET /v1/late": [opaque_cursor],
    "GET /v1/cycles/{cycle}/stages": [known_names, any_moment],
    "GET /v1/cycles/{cycle}/stages/{stage}/actors": [first_page, known_names, any_moment],
    "GET /v1/cycles/{cycle}/flows": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/movements": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/transitions": [open_range, first_page, known_names],
    "GET /v1/cycles/{cycle}/left": [open_range, first_page, known_names],
    "GET /v1/cycles/{cycle}/at-risk": [first_page, known_names],
    "GET /v1/cycles/{cycle}/breakdowns": [first_page, known_names, any_moment],
    "GET /v1/cycles/{cycle}/counts": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/lifecycle": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/activity": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/retention": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/dwell": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/returns": [range_of_hours, known_names],
    "GET /v1/cycles/{cycle}/survival": [range_of_hours, known_names, known_stages],
    "GET /v1/cycles/{cycle}/export/{table}": [range_of_hours],
    "PUT /v1/backfills/{source}": [history],
    "POST /v1/links": [link],
    "PUT /v1/plan/events": [json_schema],
    "POST /v1/quarantine/preview": [no_repair, cursor_in_body],
    "POST /v1/quarantine/replay": [no_repair, cursor_in_body],
    "POST /v1/quarantine/discard": [cursor_in_body],
}


@schemathesis.hook
def before_call(context, case, kwargs):
    # The run would end with the key that it uses.
    if (case.path_parameters or {}).get("id") == OWN_KEY:
        case.path_parameters["id"] = OTHER_KEY
    if not follows_schema(case):
        return
    for name in THINGS.keys() & (case.path_parameters or {}).keys():
        case.path_parameters[name] = THINGS[name]
    for rule in rules.get(case.operation.label, []):
        rule(case)
    if isinstance(case.body, dict):
        short_ids(case)
