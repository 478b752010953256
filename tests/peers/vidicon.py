"""Starts the real program on a free port with a data folder of its own, and speaks its API as a client would."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import uuid
from pathlib import Path

PASSWORD = "a password of the tests"
ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("VIDICON_BIN", str(ROOT / "target/debug/vidicon"))


_given = set()


def free_port():
    """A port nobody listens at, never the same twice. It lies below those the system gives to outgoing connections
    (32768 and up on Linux), so that none of these takes it before the server that is to have it."""
    while True:
        port = random.randint(15000, 32000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def fresh_database():
    """An empty database on the PostgreSQL server of tests/postgres.sh."""
    server, name = os.environ["TEST_POSTGRES_URL"], f"peers_{uuid.uuid4().hex}"
    subprocess.run(["psql", "-q", "-c", f"CREATE DATABASE {name}", server], check=True, capture_output=True)
    return f"{server.rsplit('/', 1)[0]}/{name}"


def bucket_environment(prefix):
    """What has a server keep its files below this prefix of the bucket of crates/base/tests/peers/with-moto."""
    keys = {
        "NAME": "vid",
        "ENDPOINT": os.environ["TEST_S3_ENDPOINT"],
        "ACCESS_KEY": os.environ.get("TEST_S3_KEY", "test"),
        "SECRET_KEY": os.environ.get("TEST_S3_SECRET", "testtest"),
        "REGION": os.environ.get("TEST_S3_REGION", "us-east-1"),
        "PREFIX": f"{prefix}-{os.getpid()}/",
    }
    return {f"VIDICON__STORAGE__BUCKET__{name}": value for name, value in keys.items()}


def until(what, seconds, ask, pause=0.1):
    """Asks until the answer is true, and gives it; after so many seconds the test fails with `what`."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(pause)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Server:
    """The program as a process. `stop` ends it as an administrator would, `kill` as a power cut would."""

    def __init__(self, data=None, public_url=None, database=None, environment=None, binary=BINARY):
        self.data = Path(data or tempfile.mkdtemp(prefix="vidicon-test-"))
        self.binary = binary
        self.port = free_port()
        self.public_url = public_url
        # encoders of the lowest priority come to a stop beside a busy compiler
        usual = {"VIDICON_ROOT_PASSWORD": PASSWORD, "NO_COLOR": "1", "VIDICON__TRANSCODING__PRIORITY": "normal"}
        self.environment = {**usual, **(environment or {})}
        if database:
            self.environment["VIDICON__DATABASE__URL"] = database
        self.process = None
        self.token = None

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout=60):
        command = [self.binary, "serve", "--data-dir", str(self.data), "--listen", f"127.0.0.1:{self.port}"]
        command += ["--public-url", self.public_url or self.base]
        self.data.mkdir(parents=True, exist_ok=True)
        self.log = open(self.data / "server.log", "ab")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env={**os.environ, **self.environment}
        )
        try:
            until("the server to answer", timeout, self.answers, pause=0.01)
        except AssertionError as error:
            raise AssertionError(f"{error}; its log ends: {self.log_end()}") from None
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.log_end()}")
        try:
            return self.request("GET", "/api/v1/ping", timeout=2).status == 200
        except OSError:
            return False

    def log_end(self):
        return (self.data / "server.log").read_text(errors="replace")[-2000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process and not self.log.closed:
            self.log.close()

    def close(self):
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)

    # requests

    def request(self, method, path, body=None, headers=None, token=None, timeout=60):
        """One request on a connection of its own. `body` is bytes, an open file, or a dict that goes as JSON."""
        if path.startswith("http"):
            parts = urllib.parse.urlsplit(path)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = dict(headers or {})
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if self.public_url:
            headers["Host"] = urllib.parse.urlsplit(self.public_url).netloc
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def api(self, method, path, expect=None, **kwargs):
        answer = self.request(method, "/api/v1" + path, token=self.token, **kwargs)
        if expect is not None and answer.status != expect:
            raise AssertionError(f"{method} {path}: {answer.status}, wanted {expect}: {answer.body[:300]!r}")
        return answer

    def log_in(self, username="root", password=PASSWORD):
        client = self.request("GET", "/api/v1/oauth-clients/local").json()
        form = {**client, "grant_type": "password", "username": username, "password": password}
        answer = self.request(
            "POST",
            "/api/v1/users/token",
            urllib.parse.urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        if answer.status != 200:
            raise AssertionError(f"log in as {username}: {answer.status} {answer.body[:200]!r}")
        self.token = answer.json()["access_token"]
        return self

    # videos

    def channel(self):
        return self.api("GET", "/users/me", 200).json()["videoChannels"][0]["id"]

    def upload(self, clip, name, **fields):
        """The whole file in one request; gives the answer's video (id, uuid, shortUUID)."""
        fields = {"name": name, "channelId": self.channel(), "privacy": 1, **fields}
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="videofile"; filename="{Path(clip).name}"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        )
        body = "".join(parts).encode() + Path(clip).read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.api("POST", "/videos/upload", 200, body=body, headers=headers).json()["video"]

    def upload_start(self, clip, name, **fields):
        """Begins a resumable upload and gives the path where its pieces go."""
        size = os.path.getsize(clip)
        fields = {"name": name, "channelId": self.channel(), "filename": Path(clip).name, "privacy": 1, **fields}
        headers = {"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"}
        answer = self.api("POST", "/videos/upload-resumable", body=fields, headers=headers)
        if answer.status not in (200, 201):
            raise AssertionError(f"begin an upload: {answer.status} {answer.body[:300]!r}")
        parts = urllib.parse.urlsplit(answer.headers["Location"])
        return f"{parts.path}?{parts.query}"

    def upload_position(self, location, size):
        """How many bytes the server has; None when the upload is over or gone."""
        headers = {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        answer = self.request("PUT", location, b"", headers, token=self.token)
        if answer.status != 308:
            return None
        found = re.match(r"bytes=0-(\d+)", answer.headers.get("Range") or "")
        return int(found.group(1)) + 1 if found else 0

    def upload_piece(self, location, clip, start, length):
        size = os.path.getsize(clip)
        with open(clip, "rb") as file:
            file.seek(start)
            piece = file.read(length)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{size}",
        }
        return self.request("PUT", location, piece, headers, token=self.token)

    def video(self, key):
        return self.api("GET", f"/videos/{key}", 200).json()

    def wait_published(self, key, seconds=180):
        """Waits until the video is published and nothing is left to transcode, and gives it."""

        def ready():
            video = self.video(key)
            if video["state"]["id"] == 1 and video["streamingPlaylists"] and not self.busy():
                return self.video(key)

        return until(f"video {key} to be published", seconds, ready, pause=0.3)

    def jobs(self, state):
        answer = self.api("GET", f"/jobs/{state}?count=100", 200).json()
        return answer["data"]

    def transcodes(self):
        """Whether a video is transcoded, or waits for its turn or for workers: of one moment, since jobs come and go."""
        jobs = self.api("GET", "/jobs?count=100&jobType=video-transcoding", 200).json()["data"]
        return any(job["state"] in ("waiting", "active", "delayed") for job in jobs)

    def busy(self):
        """The jobs that are not at their end, but for those that wait for a time of their own."""
        return [job for state in ("waiting", "active") for job in self.jobs(state)]


def make_clip(path, seconds=2, size="320x240", rate=25, sound=True):
    """A clip of ffmpeg's own test picture, and a tone."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]
    if sound:
        command += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "aac", "-b:a", "64k"]
    command += ["-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"]
    subprocess.run([*command, str(path)], check=True, stdin=subprocess.DEVNULL)
    return Path(path)


def probe(path):
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


def play(address, *select):
    """Decodes all of it with ffmpeg. Gives the number of frames; any complaint of ffmpeg's is a failure."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", address, *select, "-progress", "-", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or done.stderr.strip():
        raise AssertionError(f"ffmpeg on {address}: {done.stderr[:500]}")
    frames = re.findall(r"^frame=\s*(\d+)", done.stdout, re.M)
    return int(frames[-1]) if frames else 0
