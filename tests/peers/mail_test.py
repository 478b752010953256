"""Mails go out over SMTP, with all that mail programs look for; a mail server that refuses is explained."""

import email
import email.policy
import unittest
import urllib.parse

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from vidicon import PASSWORD, Server, free_port, until


class Sink:
    def __init__(self):
        self.mails = []
        self.refuse = None

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            return self.refuse
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


class MailTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink()
        check = lambda server, session, envelope, mechanism, data: AuthResult(success=data.password == b"right", handled=False)
        cls.smtp = Controller(
            cls.sink, "127.0.0.1", free_port(), authenticator=check, auth_require_tls=False, auth_exclude_mechanism=[]
        )
        cls.smtp.start()
        cls.addClassCleanup(cls.smtp.stop)
        cls.server = cls.start("right")

    @classmethod
    def start(cls, password):
        environment = {
            "VIDICON__MAIL__HOST": "127.0.0.1",
            "VIDICON__MAIL__PORT": str(cls.smtp.port),
            "VIDICON__MAIL__TLS": "none",
            "VIDICON__MAIL__USERNAME": "vidicon",
            "VIDICON__MAIL__PASSWORD": password,
        }
        server = Server(environment=environment)
        cls.addClassCleanup(server.close)
        return server.start().log_in()

    def setUp(self):
        self.sink.refuse = None
        self.sink.mails.clear()

    def test_a_test_letter_arrives(self):
        self.server.api("POST", "/server/mail/test", 204, body={"email": "ada@example.org"})
        (mail,) = self.sink.mails
        self.assertEqual(mail["to"], "ada@example.org")
        self.assertIn("can send mail", mail["subject"])
        self.assertTrue(mail["message-id"] and mail["date"])

    def test_a_wrong_password_and_a_refusal_are_explained(self):
        wrong = self.start("wrong")
        answer = wrong.api("POST", "/server/mail/test", 502, body={"email": "ada@example.org"}).json()
        self.assertIn("mail.password", answer["detail"])
        self.sink.refuse = "550 you may not"
        answer = self.server.api("POST", "/server/mail/test", 502, body={"email": "ada@example.org"}).json()
        self.assertIn("mail.from", answer["detail"])

    def test_a_notification_comes_by_mail_and_can_be_stopped_with_one_click(self):
        settings = self.server.api("GET", "/users/me", 200).json()["notificationSettings"]
        settings["newUserRegistration"] = 2
        self.server.api("PUT", "/users/me/notification-settings", 204, body=settings)
        config = self.server.api("GET", "/config/custom", 200).json()
        config["signup"]["enabled"] = True
        config["signup"]["requiresApproval"] = False
        self.server.api("PUT", "/config/custom", 200, body=config)
        body = {"username": "dora", "password": "password-1", "email": "dora@example.org"}
        self.server.api("POST", "/users/register", 204, body=body)
        mail = until("the mail", 20, lambda: next((it for it in self.sink.mails if "dora" in it["subject"]), None))
        self.assertEqual(mail["list-unsubscribe-post"], "List-Unsubscribe=One-Click")
        link = urllib.parse.urlsplit(mail["list-unsubscribe"].strip("<>"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.server.request("POST", f"{link.path}?{link.query}", b"List-Unsubscribe=One-Click", form)
        self.assertEqual(answer.status, 200)
        settings = self.server.api("GET", "/users/me", 200).json()["notificationSettings"]
        self.assertEqual(settings["newUserRegistration"], 0)

    def test_the_first_steps_find_the_mail_server_and_the_site_starts_again_with_it(self):
        server = Server()
        self.addCleanup(server.close)
        server.start().log_in()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        post = lambda path, fields: server.request("POST", path, urllib.parse.urlencode(fields).encode(), form)
        answer = post("/login", {"username": "root", "password": PASSWORD})
        form["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        steps = {"part": "letters", "host": "127.0.0.1", "port": self.smtp.port, "tls": "none", "username": "vidicon"}
        steps |= {"password": "wrong", "from": "video@example.org", "to": "ada@example.org"}
        refused = post("/admin/setup", steps)
        self.assertEqual(refused.status, 400)
        self.assertIn(b"mail.password", refused.body)
        pid, saved = server.process.pid, post("/admin/setup", steps | {"password": "right"})
        self.assertEqual(saved.status, 200)
        self.assertEqual([mail["to"] for mail in self.sink.mails], ["ada@example.org"])
        started = lambda: (server.data / "server.log").read_text().count("Vidicon is ready at") == 2 and server.answers()
        until("the second start", 30, started)
        self.assertEqual(server.process.pid, pid)
        server.api("POST", "/server/mail/test", 204, body={"email": "dora@example.org"})
        self.assertEqual(self.sink.mails[-1]["from"], "video@example.org")


if __name__ == "__main__":
    unittest.main()
