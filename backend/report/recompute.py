import hashlib, html, json, re, struct, sys
from datetime import datetime

page = open(sys.argv[1], encoding="utf-8", newline="").read()
lines = html.unescape(re.search(r'<pre id="lines">(.*?)</pre>', page, re.S).group(1))

def number(n):
    return struct.pack(">q", n)

def text(s):
    return number(len(s.encode())) + s.encode()

def nanoseconds(at):  # 2026-11-21T12:00:00.123456789Z
    whole, _, part = at.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(whole + "+00:00").timestamp()) * 10**9 + int((part + "0" * 9)[:9])

bad, before = 0, None
for line in lines.strip("\n").split("\n"):
    e = json.loads(line)
    data = line[line.index('"data":') + 7 : line.rindex(',"previous":')]
    raw = (text("paydesk event 1") + text(e["previous"]) + number(e["seq"]) + text(e.get("operation", ""))
           + number(nanoseconds(e["at"])) + text(e["kind"]) + text(data))
    right = hashlib.sha256(raw).hexdigest() == e["hash"]
    if before and before["seq"] + 1 == e["seq"]:
        right = right and before["hash"] == e["previous"]
    print(e["seq"], e["hash"], "matches" if right else "DOES NOT MATCH")
    bad, before = bad + (not right), e
sys.exit(1 if bad else 0)
