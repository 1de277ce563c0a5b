"""The mail server of the scenarios: aiosmtpd (Debian's), STARTTLS and a log-in, one user. It prints what it is told.

mail_server.py ADDRESS PORT CERTIFICATE KEY USER PASSWORD
"""

import email
import email.policy
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


def say(line):
    print(line, flush=True)


class Kept:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = " | ".join(mail.get_content().splitlines())
        way = f"encrypted={session.ssl is not None} logged-in={session.authenticated}"
        say(f"mail from={envelope.mail_from} to={','.join(envelope.rcpt_tos)} {way} subject={mail['Subject']} text={text}")
        return "250 kept"


def main():
    address, port, certificate, key, user, password = sys.argv[1:]

    def judge(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        if not right:
            say("refused a log-in")
        return AuthResult(success=right, handled=False)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    Controller(
        Kept(),
        hostname=address,
        port=int(port),
        tls_context=context,
        require_starttls=True,
        authenticator=judge,
        auth_required=True,
    ).start()
    say("ready")
    threading.Event().wait()


main()
