"""A real SMTP server for the tests: mail_server.py PORT MAILDIR [CERTIFICATE KEY].

Accepted mail goes into MAILDIR, one file each. Recipients named 'refused' get a 550, those named 'later' a 451. With a certificate it
requires STARTTLS. It prints 'ready' once it listens, and exits when its standard input ends.
"""
import itertools
import os
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Mailbox:
    numbers = itertools.count()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 no such mailbox"
        if address.startswith("later@"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        path = f"{sys.argv[2]}/{next(self.numbers):06}"
        with open(path + ".part", "wb") as mail:
            mail.write(f"X-Rcpt: {','.join(envelope.rcpt_tos)}\r\nX-Tls: {session.ssl is not None}\r\n".encode() + envelope.content)
        os.rename(path + ".part", path + ".eml")
        return "250 OK"


class Server(Controller):
    def factory(self):
        if len(sys.argv) < 4:
            return SMTP(self.handler, hostname="localhost")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        return SMTP(self.handler, hostname="localhost", tls_context=context, require_starttls=True)


server = Server(Mailbox(), hostname="127.0.0.1", port=int(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.read()
server.stop()
