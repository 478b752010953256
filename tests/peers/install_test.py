"""The Debian package and `vidicon install`, as far as a machine without systemd running can show: the package unpacks,
the unit is one that systemd accepts, the socket is handed over, and SIGTERM loses no request."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import yaml

from vidicon import BINARY, ROOT, PASSWORD, free_port, until


class InstallTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_it_starts_and_serves_where_there_is_no_network(self):
        """In a network of its own that has nothing but its loopback."""
        inside = (
            "import socket, sys; sys.path.insert(0, 'tests/peers')\n"
            "from vidicon import Server\n"
            "try: socket.create_connection(('192.0.2.1', 80), 1); sys.exit('there is a way out')\n"
            "except OSError: pass\n"
            "server = Server().start(20)\n"
            "server.log_in()\n"
            "for path in ['/', '/api/v1/config', '/admin']:\n"
            "    assert server.request('GET', path, token=server.token).status == 200, path\n"
            "server.stop()\n"
            "print('started without a network')\n"
        )
        alone = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        done = subprocess.run(
            alone + [sys.executable, "-c", inside], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        self.assertEqual(done.stdout.strip(), "started without a network", done.stderr)

    def test_the_command_writes_a_machine_and_takes_it_off(self):
        root = self.folder / "root"
        root.mkdir()
        install = [BINARY, "install", "https://video.example.org", "--root", str(root)]
        done = subprocess.run(install, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        settings = root / "etc/vidicon/vidicon.toml"
        check = [str(root / "usr/local/bin/vidicon"), "check-config", "--config", str(settings)]
        done = subprocess.run(check, capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "The settings are right.", done.stderr)
        done = subprocess.run([BINARY, "uninstall", "--root", str(root), "--purge"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path for path in root.rglob("*") if path.is_file()], [])

    def test_a_signed_release_is_taken_and_no_other(self):
        program = self.folder / "vidicon"
        shutil.copy(BINARY, program)
        new = self.folder / "new"
        new.write_text("#!/bin/sh\necho vidicon 9.9.9\n")
        new.chmod(0o755)
        key, release = self.folder / "release.key", self.folder / "release"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key)], check=True, capture_output=True)
        script = [str(ROOT / "scripts/release.sh"), str(key), "9.9.0", str(release), str(new)]
        environment = {**os.environ, "RELEASE_VERSION": "9.9.9"}
        told = subprocess.run(script, check=True, capture_output=True, text=True, env=environment).stdout
        settings = {
            **os.environ,
            "VIDICON__UPDATE__URL": str(release),
            "VIDICON__UPDATE__KEY": told.split()[-1],
            "VIDICON__SERVER__DATA_DIR": str(self.folder),
        }
        update = lambda *more: subprocess.run([str(program), "update", *more], capture_output=True, text=True, env=settings)
        done = update("--check")
        self.assertIn("9.9.9 mends a hole", done.stdout, done.stderr)
        file = next(release.glob("vidicon-9.9.9-*"))
        whole = file.read_bytes()
        file.write_bytes(whole.replace(b"echo", b"exit"))
        done = update("--security-only")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("not the program that was signed", done.stderr)
        self.assertIn("vidicon", subprocess.run([program, "--version"], capture_output=True, text=True).stdout)
        file.write_bytes(whole)
        done = update("--security-only")
        self.assertIn("9.9.9 is in place", done.stdout, done.stderr)
        self.assertEqual(subprocess.run([program], capture_output=True, text=True).stdout, "vidicon 9.9.9\n")

    def test_the_debian_package_unpacks(self):
        if not shutil.which("dpkg-deb"):
            self.skipTest("dpkg-deb is not here")
        out = self.folder / "out"
        quick = {**os.environ, "DEB_COMPRESSION": "none"}
        subprocess.run([str(ROOT / "scripts/deb.sh"), BINARY, str(out)], check=True, capture_output=True, env=quick)
        package = next(out.glob("vidicon_*.deb"))
        about = subprocess.run(["dpkg-deb", "--field", str(package)], check=True, capture_output=True, text=True).stdout
        self.assertIn("Depends: adduser, ffmpeg", about)
        tree = self.folder / "tree"
        subprocess.run(["dpkg-deb", "--extract", str(package), str(tree)], check=True)
        unit = (tree / "lib/systemd/system/vidicon.service").read_text()
        self.assertIn("ExecStart=/usr/bin/vidicon serve", unit)
        self.assertNotIn("vidicon.socket", unit)
        check = [str(tree / "usr/bin/vidicon"), "check-config", "--config", str(tree / "etc/vidicon/vidicon.toml")]
        self.assertEqual(subprocess.run(check, capture_output=True).returncode, 0)
        for script in ("postinst", "prerm", "postrm"):
            subprocess.run(["sh", "-n", str(ROOT / "packaging/debian" / script)], check=True)

    def test_the_container_has_what_it_starts(self):
        """No engine runs here: what its files name is looked at, and what they start is started with their settings."""
        lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
        copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from=" not in line]
        for path in [path for paths in copied for path in paths]:
            self.assertTrue((ROOT / path).exists(), path)
        ignored = (ROOT / ".dockerignore").read_text().split()
        self.assertNotIn("web", ignored)
        environment = [line.removeprefix("ENV ").split() for line in lines if line.startswith("ENV ")]
        environment = dict(pair.split("=", 1) for pairs in environment for pair in pairs)
        service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["vidicon"]
        self.assertEqual((service["build"], service["volumes"]), (".", ["data:/data"]))
        for name, value in service["environment"].items():
            environment[name] = re.fullmatch(r"\$\{\w+:-(.*)\}", value).group(1)
        port = free_port()
        environment |= {"VIDICON__SERVER__DATA_DIR": str(self.folder / "data")}
        self.assertIn(":9000", environment["VIDICON__SERVER__LISTEN"])
        environment["VIDICON__SERVER__LISTEN"] = environment["VIDICON__SERVER__LISTEN"].replace("9000", str(port))
        environment = {**os.environ, **environment}
        alive = lambda: subprocess.run([BINARY, "alive"], env=environment, capture_output=True).returncode
        self.assertNotEqual(alive(), 0)
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen([BINARY, "serve"], env=environment, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        until("the health check to be content", 60, lambda: alive() == 0)
        for name in ("127.0.0.1", "::1") if Path("/proc/net/if_inet6").exists() else ("127.0.0.1",):
            socket.create_connection((name, port), 5).close()

    def serve(self, listener, notify):
        """The program as systemd starts it: with the open socket as file 3, and a place to tell that it is ready."""

        def hand_over():
            os.dup2(listener.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ["LISTEN_PID"] = str(os.getpid())

        port = listener.getsockname()[1]
        # LISTEN_PID must be the pid of the program itself: a shell sets it and becomes the program.
        command = ["sh", "-c", 'export LISTEN_PID=$$; exec "$0" "$@"', BINARY, "serve"]
        command += ["--data-dir", str(self.folder / "data"), "--listen", f"127.0.0.1:{port}"]
        environment = {**os.environ, "LISTEN_FDS": "1", "NOTIFY_SOCKET": notify, "VIDICON_ROOT_PASSWORD": PASSWORD}
        return subprocess.Popen(
            command, env=environment, preexec_fn=hand_over, pass_fds=[3], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def test_nobody_is_refused_while_the_program_restarts(self):
        notify = str(self.folder / "notify")
        told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(told.close)
        told.bind(notify)
        told.settimeout(60)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        process = self.serve(listener, notify)
        self.addCleanup(lambda: process.kill())
        self.assertEqual(told.recv(100), b"READY=1")

        answers, failures, stop = [], [], threading.Event()

        def visit():
            while not stop.is_set():
                try:
                    with socket.create_connection(("127.0.0.1", port), 30) as connection:
                        connection.settimeout(30)
                        connection.sendall(b"GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        answers.append(connection.recv(100).split(b"\r\n")[0])
                except OSError as error:
                    failures.append(error)
                time.sleep(0.01)

        visitors = [threading.Thread(target=visit) for _ in range(4)]
        for visitor in visitors:
            visitor.start()
        until("some answers", 30, lambda: len(answers) > 20)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(told.recv(100), b"STOPPING=1")
        process.wait(30)
        process = self.serve(listener, notify)
        self.assertEqual(told.recv(100), b"READY=1")
        before = len(answers)
        until("answers of the new process", 30, lambda: len(answers) > before + 20)
        stop.set()
        for visitor in visitors:
            visitor.join()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        self.assertEqual(failures, [])
        self.assertEqual({answer for answer in answers if answer}, {b"HTTP/1.1 200 OK"})
        empty = sum(1 for answer in answers if not answer)
        self.assertEqual(empty, 0)


if __name__ == "__main__":
    unittest.main()
