"""Sends the form by the Python client that is named first; then come the URL and the file."""

import asyncio
import http.client
import importlib.metadata
import platform
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit

TYPE = "audio/webm;codecs=opus"
FIELDS = {"duration": "12", "topic": "one\ntwo é", "language": "pt_BR"}


def requests_(url, file):
    import requests

    files = {"audio": (file.name, file.read_bytes(), TYPE)}
    requests.post(url, files=files, data=FIELDS)


def requests_toolbelt(url, file):
    import requests
    from requests_toolbelt import MultipartEncoder

    body = MultipartEncoder({"audio": (file.name, file.open("rb"), TYPE), **FIELDS})
    requests.post(url, data=body, headers={"Content-Type": body.content_type})


def urllib3_(url, file):
    import urllib3

    fields = {"audio": (file.name, file.read_bytes(), TYPE), **FIELDS}
    urllib3.PoolManager().request("POST", url, fields=fields)


def httpx_(url, file):
    import httpx

    httpx.post(url, files={"audio": (file.name, file.open("rb"), TYPE)}, data=FIELDS)


def aiohttp_(url, file):
    import aiohttp

    async def send():
        form = aiohttp.FormData()
        form.add_field("audio", file.open("rb"), filename=file.name, content_type=TYPE)
        for name, value in FIELDS.items():
            form.add_field(name, value)
        async with aiohttp.ClientSession() as session, session.post(url, data=form):
            pass

    asyncio.run(send())


def pycurl_(url, file):
    import pycurl

    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    audio = (
        *(pycurl.FORM_BUFFER, file.name.encode(), pycurl.FORM_BUFFERPTR, file.read_bytes()),
        *(pycurl.FORM_CONTENTTYPE, TYPE),
    )
    fields = [(name, value.encode()) for name, value in FIELDS.items()]
    curl.setopt(pycurl.HTTPPOST, [("audio", audio), *fields])
    curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    curl.perform()


def treq_(url, file):
    import treq
    from twisted.internet import reactor

    files = {"audio": (file.name, TYPE, file.open("rb"))}
    sent = treq.post(url, files=files, data=FIELDS, persistent=False)
    sent.addBoth(lambda _: reactor.stop())
    reactor.run()


def http_client(url, file):
    """By hand, as the answers to questions have it."""
    boundary = uuid.uuid4().hex
    lines = []
    for name, value in FIELDS.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    escaped = file.name.replace("\\", "\\\\").replace('"', '\\"')
    disposition = f'Content-Disposition: form-data; name="audio"; filename="{escaped}"'
    lines += [f"--{boundary}", disposition, f"Content-Type: {TYPE}", "", ""]
    body = "\r\n".join(lines).encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    post(url, body, f"multipart/form-data; boundary={boundary}")


def post(url, body, content_type):
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("POST", address.path, body, {"Content-Type": content_type})
    connection.getresponse().read()


def qt(url, file):
    from PyQt5.QtCore import QCoreApplication, QLocale, QUrl, qVersion
    from PyQt5.QtNetwork import (
        QHttpMultiPart,
        QHttpPart,
        QNetworkAccessManager,
        QNetworkRequest,
    )

    application = QCoreApplication([])
    form = QHttpMultiPart(QHttpMultiPart.FormDataType)

    def append(disposition, body, type=None):
        part = QHttpPart()
        part.setRawHeader(b"Content-Disposition", disposition.encode())
        if type:
            part.setRawHeader(b"Content-Type", type.encode())
        part.setBody(body)
        form.append(part)

    # Qt leaves the quoting to its user.
    escaped = file.name.replace("\\", "\\\\").replace('"', '\\"')
    append(f'form-data; name="audio"; filename="{escaped}"', file.read_bytes(), TYPE)
    for name, value in {**FIELDS, "language": QLocale("pt_BR").name()}.items():
        append(f'form-data; name="{name}"', value.encode())
    manager = QNetworkAccessManager()
    reply = manager.post(QNetworkRequest(QUrl(url)), form)
    reply.finished.connect(application.quit)
    application.exec()
    return qVersion()


def soup(url, file, version):
    import gi

    gi.require_version("Soup", version)
    from gi.repository import GLib, Soup

    form = Soup.Multipart.new("multipart/form-data")
    body = file.read_bytes()
    body = Soup.Buffer.new(body) if version == "2.4" else GLib.Bytes.new(body)
    # A name that is not ASCII goes as filename* alone, and makes no file of the part.
    form.append_form_file("audio", "recording.webm", TYPE, body)
    for name, value in FIELDS.items():
        form.append_form_string(name, value)
    session = Soup.Session()
    if version == "2.4":
        session.send_message(Soup.form_request_new_from_multipart(url, form))
    else:
        session.send_and_read(Soup.Message.new_from_multipart(url, form))
    return f"{Soup.get_major_version()}.{Soup.get_minor_version()}.{Soup.get_micro_version()}"


def webkit(url, file):
    """WebKit has no program of its own here: a window that loads the page."""
    import gi

    gi.require_version("Gtk", "3.0")
    gi.require_version("WebKit2", "4.1")
    from gi.repository import GLib, Gtk, WebKit2

    view = WebKit2.WebView()
    window = Gtk.Window()
    window.add(view)
    window.show_all()
    view.load_uri(url)
    GLib.timeout_add_seconds(10, Gtk.main_quit)
    Gtk.main()
    version = WebKit2.get_major_version, WebKit2.get_minor_version, WebKit2.get_micro_version
    return ".".join(str(part()) for part in version)


SENDERS = {
    "aiohttp": aiohttp_,
    "http.client": http_client,
    "httpx": httpx_,
    "libsoup2": lambda url, file: soup(url, file, "2.4"),
    "libsoup3": lambda url, file: soup(url, file, "3.0"),
    "pycurl": pycurl_,
    "qt": qt,
    "requests": requests_,
    "requests-toolbelt": requests_toolbelt,
    "treq": treq_,
    "urllib3": urllib3_,
    "webkit": webkit,
}

if __name__ == "__main__":
    name, url, file = sys.argv[1:]
    version = SENDERS[name](url, Path(file))
    if version is None and name == "http.client":
        version = platform.python_version()
    print(version or importlib.metadata.version(name))
