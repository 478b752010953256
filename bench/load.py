"""Sends load with wrk and reads what it cost the server: requests a second, CPU time for each request, latencies."""

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

SCRIPT = """
local paths = {{}}
for line in io.lines("{paths}") do paths[#paths + 1] = line end
local at = 0
local head = {head}
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], head)
end
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %f %f %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


@dataclass
class Load:
    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    errors: int


def cpu_seconds(pid, children=False):
    """User and system time of a process; with those of its children that have ended, if asked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    if children:
        ticks += int(fields[13]) + int(fields[14])
    return ticks / TICKS


def memory_mib(pid, line="VmRSS"):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{line}:\s+(\d+)", text, re.M).group(1)) / 1024


def load(server, paths, seconds=5, connections=32, headers=None, pid=None, base=None):
    """Sends the paths in turn over `connections` kept-open connections."""
    head = "{" + ", ".join(f'["{key}"] = "{value}"' for key, value in (headers or {}).items()) + "}"
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "paths"
        listed.write_text("\n".join(paths) + "\n")
        script = Path(folder) / "load.lua"
        script.write_text(SCRIPT.format(paths=listed, head=head))
        pid = pid or server.process.pid
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(script), base or server.base]
        before = cpu_seconds(pid)
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        cost = cpu_seconds(pid) - before
    found = re.search(r"RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+) (\d+)", text)
    if not found:
        raise RuntimeError(f"wrk: {text}")
    requests, duration = int(found[1]), int(found[2]) / 1e6
    errors = int(found[5]) + int(found[6])
    return Load(
        requests, requests / duration, float(found[3]), float(found[4]), 1000 * cost / max(requests, 1), errors
    )
