"""An MCP server that misbehaves on request. It speaks the protocol by hand, so that nothing keeps it from being rude.

    python rude.py STAGE [MODE]

STAGE is a folder: `tools.json` there is what it lists, read anew each time; `calls` gets a line for each call that ran.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

STAGE = Path(sys.argv[1])
MODE = sys.argv[2] if len(sys.argv) > 2 else ""


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}], **more}


def call(name: str, arguments: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    with (STAGE / "calls").open("a") as file:
        file.write(name + "\n")
    match name:
        case "die":
            os._exit(3)
        case "wait":
            while not (STAGE / "enough").exists():
                time.sleep(0.01)
        case "hang":
            (STAGE / "hanging").write_text(str(os.getpid()))
            time.sleep(3_600)
        case "huge":
            return text("x" * arguments["size"])
        case "babble":
            for number in range(100_000):
                print(f"line {number} is not the protocol")
        case "spam":
            while True:
                say({"method": "notifications/tools/list_changed"})
        case "crooked":
            return text("half done", structuredContent={"count": "many"})
        case "bare":
            return text("no structure")
        case "shapeless":
            return {"content": "not a list"}
        case "environment":
            return text(json.dumps(dict(os.environ)))
        case "whisper":
            print(f"my token is {os.environ['TOKEN']}", file=sys.stderr, flush=True)
            return text("whispered")
        case "complain":
            return text("no such thing", isError=True)
        case "breed":
            child = subprocess.Popen(["sleep", "3600"], start_new_session=True, env={})
            (STAGE / "child").write_text(str(child.pid))
            return text("bred")
        case "ask":
            say({"id": "mine", "method": arguments["method"], "params": arguments["params"]})
            return text(json.dumps(json.loads(sys.stdin.readline())))
        case "report":
            say({"method": "notifications/progress", "params": {
                "progressToken": meta.get("progressToken"), "progress": 1, "message": "halfway",
            }})  # fmt: skip
            return text("reported")
        case "picture":
            return {"content": [
                {"type": "image", "data": "aGVsbG8=", "mimeType": "image/png"},
                {"type": "resource_link", "name": "notes", "uri": "file:///notes"},
                {"type": "resource", "resource": {"uri": "file:///secret", "text": "within", "mimeType": "text/plain"}},
            ]}  # fmt: skip
        case "changed":
            (STAGE / "tools.json").write_text(json.dumps(arguments["tools"]))
            say({"method": "notifications/tools/list_changed"})
            return text("changed")
    return text(json.dumps(arguments))


def answer(message: dict[str, Any]) -> None:
    method, params = message["method"], message.get("params") or {}
    match method:
        case "initialize":
            result = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}},
                "serverInfo": {"name": "rude", "version": "1"},
            }
        case "tools/list":
            result = {"tools": json.loads((STAGE / "tools.json").read_text())}
            if MODE == "endless":
                result["nextCursor"] = "more"
        case "tools/call":
            if params["name"] == "forbidden":
                return say({"id": message["id"], "error": {"code": -32603, "message": "not today"}})
            result = call(params["name"], params.get("arguments") or {}, params.get("_meta") or {})
        case _:
            return say({"id": message["id"], "error": {"code": -32601, "message": "unknown method"}})
    return say({"id": message["id"], "result": result})


def main() -> None:
    with (STAGE / "starts").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if MODE == "silent":
        time.sleep(3_600)
    if MODE == "stillborn" or (MODE == "mayfly" and len((STAGE / "starts").read_text().split()) > 1):
        print("cannot find my configuration", file=sys.stderr, flush=True)
        sys.exit(7)
    if MODE == "noisy":
        print("Welcome to the server!")
    if MODE == "endless line":
        while True:
            sys.stdout.write("x" * 65_536)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        if MODE == "nimble":
            threading.Thread(target=answer, args=(message,), daemon=True).start()
        else:
            answer(message)


if __name__ == "__main__":
    main()
