# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""The site files of the web servers, as they stand but for paths and ports."""

import pathlib

import pytest

from client import Client
from keys import Keys
from live import Live
from rig import ROOT
from stack import ports
from stack.lighttpd import CONF_DIR
from stack.process import Process
from test_live_sse import Sse

SETTINGS = {"AUTH": "required"}  # the servers must pass on who asks
DEPLOY = ROOT / "deploy"
MODULES = pathlib.Path("/usr/lib/apache2/modules")
APACHE_MODULES = ("mpm_event", "authz_core", "alias", "mime", "proxy",
                  "proxy_fcgi", "proxy_http", "proxy_wstunnel")


class Site(Process):
    """A web server with nothing but our site."""
    name, site, argv_words = "", "", ()

    def __init__(self, folder, **how):
        super().__init__(self.name, folder, **how)
        self.port = ports.free()

    def ours(self, text):
        for path, here in {"/run/postrider/": f"{self.folder}/run/",
                           "/usr/share/postrider/lighttpd.conf":
                               f"{self.folder}/postrider.conf",
                           "/usr/share/postrider": str(CONF_DIR),
                           "127.0.0.1:3000":
                               f"127.0.0.1:{self.port}"}.items():
            text = text.replace(path, here)
        return text

    def prepare(self):
        site = self.folder / f"{self.name}.site"
        site.write_text(self.ours((DEPLOY / self.site).read_text()))
        self.write(site)

    def ready(self):
        return ports.answers(self.port)


class NginxSite(Site):
    name, site = "nginx", "nginx/postrider.conf"

    def write(self, site):
        (self.folder / "nginx.conf").write_text(f"""
daemon off; pid {self.folder}/nginx.pid; error_log stderr;
worker_processes 1; user root;
events {{}}
http {{
    access_log off;
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    scgi_temp_path {self.folder}/scgi;
    include {site};
}}
""")

    def argv(self):
        return ["/usr/sbin/nginx", "-c", self.folder / "nginx.conf"]


class ApacheSite(Site):
    name, site = "apache2", "apache/postrider.conf"

    def write(self, site):
        load = "\n".join(
            f"LoadModule {name}_module {MODULES}/mod_{name}.so"
            for name in APACHE_MODULES)
        (self.folder / "apache2.conf").write_text(f"""
ServerRoot {self.folder}
ServerName localhost
DefaultRuntimeDir {self.folder}
PidFile {self.folder}/apache2.pid
ErrorLog {self.folder}/apache2.errors
TypesConfig /dev/null
{load}
Include {site}
""")

    def argv(self):
        return ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f",
                self.folder / "apache2.conf"]


class LighttpdSite(Site):
    name, site = "lighttpd-site", "lighttpd/50-postrider.conf"

    def write(self, site):
        snippet = (CONF_DIR / "postrider.conf").read_text()
        (self.folder / "postrider.conf").write_text(self.ours(snippet))
        (self.folder / "site.conf").write_text(f"""
server.bind = "127.0.0.1"
server.port = {ports.free()}
server.document-root = "{self.folder}"
include "{site}"
""")

    def argv(self):
        return ["/usr/sbin/lighttpd", "-D", "-f", self.folder / "site.conf"]


@pytest.fixture(scope="module", params=[LighttpdSite, NginxSite, ApacheSite],
                ids=lambda site: site.__name__)
def rig(request, new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    rig.events = rig.new_events()
    rig.site = request.param(rig.folder, env=rig.env, dies_with_us=True)
    rig.stack.services.append(rig.site)
    return rig.start()


@pytest.fixture(scope="module")
def client(rig):
    return Client(f"http://127.0.0.1:{rig.site.port}", Keys(rig).add())


def test_a_mail_is_taken_and_told_of(client):
    assert client.get("/ready").status == 200
    ticket = client.ask("POST", "/api/tickets").json["ticket"]
    with Live(f"{client.url}/ws?ticket={ticket}") as live:
        assert live.next()["type"] == "connection_status"
        job_id = client.send("site@b.example")
        assert live.event()["job_id"] == job_id
    answer = client.get(f"/api/emails/{job_id}?x=%2F")
    assert answer.json["job_id"] == job_id


def test_events_are_passed_on_at_once(client):
    with Sse(client.url, Authorization=f"Bearer {client.key}") as sse:
        job_id = client.send("stream@b.example")
        assert sse.event()[2]["job_id"] == job_id


def test_the_apis_own_errors_pass(client):
    answer = client.get("/api/emails/none")
    assert (answer.status, answer.json["name"]) == (404, "not_found")


def test_what_is_too_large_is_refused_as_json(client):
    answer = client.ask("POST", "/api/emails", b"x" * (21 << 20))
    assert (answer.status, answer.json["name"]) == (413, "payload_too_large")


def test_without_the_api_it_is_503_as_json(rig, client):
    assert rig.api.stop() == 0
    answer = client.get("/api/emails/x")
    assert (answer.status, answer.json["name"]) == (503,
                                                    "service_unavailable")
