"""A byte range of a fragmented MP4 through the server, against nginx with the same file."""

import random
import shutil
import subprocess
from pathlib import Path

from load import load
from vidicon import Server, free_port, make_clip, until

CONFIG = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  default_type video/mp4;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
}}
"""


def start_nginx(folder, port):
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port))
    return subprocess.Popen([program, "-c", str(config), "-e", str(folder / "error.log"), "-p", str(folder)])


def ranges(table, options):
    table.title("A byte range of a rendition, 16 connections")
    folder = options.folder / "ranges"
    (folder / "root").mkdir(parents=True)
    folder.chmod(0o755), options.folder.chmod(0o755)
    server = Server(options.folder / "ranges-data", binary=options.binary)
    server.start().log_in()
    port = free_port()
    nginx = None
    try:
        clip = make_clip(folder / "clip.mp4", 60, "1280x720")
        video = server.wait_published(server.upload(clip, "ranges")["uuid"], 600)
        file = max(video["streamingPlaylists"][0]["files"], key=lambda one: one["size"])
        (folder / "root/file.mp4").write_bytes(server.request("GET", file["fileUrl"]).body)
        path = "/" + file["fileUrl"].split("/", 3)[3]
        nginx = start_nginx(folder, port)
        other = f"http://127.0.0.1:{port}"
        until("nginx", 10, lambda: (folder / "nginx.pid").exists())
        worker = int(subprocess.check_output(["pgrep", "-P", str(nginx.pid)]).split()[0])
        for length in (256 * 1024, 2 * 1024 * 1024):
            compare(table, options, server, path, file["size"], length, other, worker)
    finally:
        if nginx:
            nginx.terminate()
            nginx.wait()
        server.stop()


def compare(table, options, server, path, size, length, other, worker):
    start = random.Random(3).randrange(max(size - length, 1))
    headers = {"Range": f"bytes={start}-{min(start + length, size) - 1}"}
    rates, costs = ([], []), ([], [])
    for _ in range(3):
        for side, (base, pid, address) in enumerate(((server.base, server.process.pid, path), (other, worker, "/file.mp4"))):
            got = load(server, [address], options.seconds, 16, headers, pid=pid, base=base)
            rates[side].append(got.per_second)
            costs[side].append(got.cpu_ms)
    ours, theirs = sorted(rates[0])[1], sorted(rates[1])[1]
    name = f"{length // 1024} KiB"
    table.add(f"{name}: ours, nginx, requests a second", f"{ours:.0f}/s {theirs:.0f}/s")
    table.add(f"{name}: ours, nginx, CPU", f"{sorted(costs[0])[1]:.3f} {sorted(costs[1])[1]:.3f} ms")
    table.add(f"{name}: share of nginx's rate", f"{ours / theirs:.2f}", ">= 0.9", ours / theirs >= 0.9)
