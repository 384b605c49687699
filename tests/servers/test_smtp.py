"""The mail server keeps what it gets, and refuses what it is told to."""

import smtplib
from email.message import EmailMessage

import pytest
from tests.servers.certificate import Certificate
from tests.servers.smtp import Mail, Smtp


def mail(text: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "guide@example.com"
    message["To"] = "ada@example.com"
    message["Subject"] = "Grüße"
    message.set_content(text)
    return message


def test_it_keeps_the_mails_it_got(smtp: Smtp) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.send_message(mail("one"))
        client.send_message(mail("two"), to_addrs=["a@example.com", "b@example.com"])
    one, two = smtp.wait_for(2)
    assert one.sender == "guide@example.com"
    assert one.recipients == ("ada@example.com",)
    assert one.message["Subject"] == "Grüße"
    assert one.message.get_content() == "one\n"
    assert two.recipients == ("a@example.com", "b@example.com")


def test_it_refuses_the_mails_that_the_test_refuses(smtp: Smtp) -> None:
    def refuse(one: Mail) -> str | None:
        return "550 never" if "bad" in one.message.get_content() else None

    smtp.refuse = refuse
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="never") as refused:
            client.send_message(mail("bad"))
        assert refused.value.smtp_code == 550
        client.send_message(mail("good"))
    assert [one.message.get_content() for one in smtp.mails] == ["good\n"]
    assert [one.message.get_content() for one in smtp.refused] == ["bad\n"]


def test_it_takes_nothing_without_the_login() -> None:
    with Smtp(login=("ada", "secret")) as server:
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            with pytest.raises(smtplib.SMTPDataError):
                client.send_message(mail())
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("ada", "wrong")
            client.login("ada", "secret")
            client.send_message(mail())
        assert len(server.mails) == 1


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "at once"])
def test_it_speaks_tls(certificate: Certificate, at_once: bool) -> None:
    with Smtp(login=("ada", "secret"), tls=certificate.server, at_once=at_once) as server:
        if at_once:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                "127.0.0.1", server.port, context=certificate.client()
            )
        else:
            client = smtplib.SMTP("127.0.0.1", server.port)
            with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
                client.send_message(mail())
            client.starttls(context=certificate.client())
        with client:
            client.login("ada", "secret")
            client.send_message(mail())
        assert len(server.mails) == 1


def test_a_server_that_is_down_refuses_and_one_that_is_up_again_answers(smtp: Smtp) -> None:
    smtp.stop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", smtp.port)
    smtp.start()
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.send_message(mail())
    assert len(smtp.mails) == 1
