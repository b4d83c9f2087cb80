"""Asks every operation of openapi.json for what nobody expects; none may answer with a 5xx.

    python api.py PROGRAM EXAMPLES

A server of its own is started on a small demo shop, with an owner who may do everything; most of
what addresses name is there. The owner's own session is never ended: all that follows would be
refused for that alone.
"""

import base64
import collections
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request

SEED = "7"
SECONDS_MAX = "60"
DEMO_SECONDS_MAX = 300
KEPT = ["sign_out", "end_session"]
DEMO = ["--customers", "60", "--seed", "7", "--until", "2026-06-30"]
# Numbers in addresses: mostly of something that there is.
NUMBERS = ["1", "2", "3", "4", "5", "0"]
OWNER = {"email": "owner@shop.example", "name": "owner", "password": "a password of some length"}
SHOP = {"name": "s", "currency": "CNY", "time_zone": "Asia/Shanghai", "language": "en"}
# So many of a hundred answers must be about the request, not about who asks.
ANSWERED_LEAST = 50


def post(address, body, headers):
    head = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(address, data=json.dumps(body).encode(), headers=head)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers["set-cookie"]


def begin(base, token):
    """What an owner sends with each request."""
    body = {"token": token, "user": OWNER, "shop": SHOP}
    session, cookie = post(base + "/api/v1/start", body, {})
    # Whoever begins owns the demo shop, too.
    shop = next(one["shop_id"] for one in session["shops"] if one["name"] != SHOP["name"])
    return {"Cookie": cookie.split(";")[0], "X-CSRF-Token": session["csrf"], "X-Shop": shop}


def furnish(base, owner):
    """Things that a demo shop has none of."""
    segment = {"name": "all", "expr": {"combinator": "and", "rules": []}, "active": True}
    view = {"page": "customers", "name": "v", "query": "sort=net_minor", "shared": True}
    for path, body in [
        ("segments", segment),
        ("segments", {**segment, "name": "more"}),
        ("views", view),
        ("customers/1/notes", {"text": "calls on Mondays"}),
        ("exports", {"kind": "orders"}),
    ]:
        post(f"{base}/api/v1/{path}", body, owner)


def write_key(base, owner):
    """What a client that writes sends with each request."""
    source, _ = post(base + "/api/v1/sources", {"name": "fuzz"}, owner)
    key = base64.b64encode(f"{source['write_key']}:".encode()).decode()
    return {"Authorization": f"Basic {key}"}


def described(base, folder):
    """The description without ways to sign in: they are given, and others would be tried."""
    with urllib.request.urlopen(base + "/api/openapi.json") as answer:
        document = json.load(answer)
    document["components"].pop("securitySchemes")
    document.pop("security", None)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
                name_numbers(operation)
    path = os.path.join(folder, "openapi.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
    return path


def name_numbers(operation):
    """Lets numbers in addresses be of something that there is."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and parameter["name"].endswith("_id"):
            parameter["schema"] = {"type": "string", "enum": NUMBERS}


def ask(base, headers, examples, where):
    schema, report, which = where
    command = [sys.executable, "-m", "schemathesis.cli", "run", schema, "--url", base]
    command += ["--checks", "not_a_server_error", "--max-examples", examples, "--seed", SEED]
    command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
    command += ["--suppress-health-check", "all", "--warnings", "off"]
    command += ["--request-timeout", SECONDS_MAX, "--report-ndjson-path", report, *which]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    # What it remembers of a run is for the next one only when somebody asks for that.
    return subprocess.run(command, cwd=os.path.dirname(report)).returncode


def statuses(report):
    """How often each status was answered."""
    counts = collections.Counter()

    def look(value):
        if isinstance(value, dict):
            if isinstance(value.get("status_code"), int):
                counts[value["status_code"]] += 1
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    with open(report, encoding="utf-8") as lines:
        for line in lines:
            look(json.loads(line))
    return counts


def main(program, examples):
    program = os.path.abspath(program)
    with tempfile.TemporaryDirectory() as folder:
        demo = [program, "demo", "--once", "--data", folder, *DEMO]
        subprocess.run(demo, check=True, stdout=subprocess.DEVNULL, timeout=DEMO_SECONDS_MAX)
        command = [program, "serve", "--data", folder, "--listen", "127.0.0.1:0"]
        environment = dict(os.environ, SHUKE_LANG="en")
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            server.stdout.readline()
            base = server.stdout.readline().strip()
            token = server.stdout.readline().strip().split("#")[1]
            owner = begin(base, token)
            furnish(base, owner)
            schema = described(base, folder)
            excluded = [part for name in KEPT for part in ("--exclude-operation-id", name)]
            counts, failed = collections.Counter(), 0
            for name, headers, which in [
                ("owner", owner, [*excluded, "--exclude-tag", "collect"]),
                ("client", write_key(base, owner), ["--include-tag", "collect"]),
            ]:
                report = os.path.join(folder, f"{name}.ndjson")
                failed |= ask(base, headers, examples, (schema, report, which))
                counts += statuses(report)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    print("answers by status:", dict(sorted(counts.items())))
    refused = counts[401] + counts[403]
    answered = 100 * (counts.total() - refused) // max(counts.total(), 1)
    if answered < ANSWERED_LEAST:
        sys.exit(f"only {answered} % of the answers are about what was asked")
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
