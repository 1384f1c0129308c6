# SPDX-License-Identifier: MIT
"""
The web servers, each with one of our site files as it stands but for paths and
ports: `postrider`, for programs of the host, or `tls`, by a name and beside
another site, which is there already and says OTHERS.
"""

import pathlib

from rig import ROOT
from stack import ports
from stack.lighttpd import CONF_DIR
from stack.process import Process

DEPLOY = ROOT / "deploy"
NAME = "mail-api.example.com"  # that the files have
OTHERS = "another site of the host"
MODULES = pathlib.Path("/usr/lib/apache2/modules")
APACHE_MODULES = ("mpm_event", "authz_core", "alias", "mime", "proxy",
                  "proxy_fcgi", "proxy_http", "proxy_wstunnel", "ssl")


class Site(Process):
    """`certificate`: a PEM file with its key, for NAME; then it is `tls`."""
    server, site, on_443 = "", "postrider.conf", ""

    def __init__(self, folder, certificate=None, **how):
        super().__init__(f"{self.server}-site", folder, **how)
        self.port = ports.free()
        self.certificate = certificate

    def ours(self, text):
        live = f"/etc/letsencrypt/live/{NAME}"
        for path, here in {
                "/run/postrider/": f"{self.folder}/run/",
                f"/usr/share/postrider/{self.server}/": f"{self.files}/",
                "/usr/share/postrider/lighttpd.conf":
                    f"{self.files}/shared.conf",
                "/usr/share/postrider": str(CONF_DIR),
                f"{live}/fullchain.pem": str(self.certificate),
                f"{live}/privkey.pem": str(self.certificate),
                self.on_443: self.on_443.replace(
                    "*:", "127.0.0.1:").replace("443", str(self.port)),
                "127.0.0.1:3000": f"127.0.0.1:{self.port}"}.items():
            text = text.replace(path, here)
        return text

    def prepare(self):
        self.files = self.folder / self.server
        self.files.mkdir()
        for file in (DEPLOY / self.server).glob("*.conf"):
            (self.files / file.name).write_text(self.ours(file.read_text()))
        (self.folder / "index.html").write_text(OTHERS)
        self.write(self.files / ("tls.conf" if self.certificate
                                 else self.site))

    def write(self, site):
        """The server's own files, which include the site."""
        raise NotImplementedError

    def ready(self):
        return ports.answers(self.port)


class NginxSite(Site):
    server, on_443 = "nginx", "listen 443 ssl"

    def write(self, site):
        other = f"""
    server {{
        listen {self.port} ssl default_server;
        ssl_certificate {self.certificate};
        ssl_certificate_key {self.certificate};
        root {self.folder};
    }}"""
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
{other if self.certificate else ""}
    include {site};
}}
""")

    def argv(self):
        return ["/usr/sbin/nginx", "-c", self.folder / "nginx.conf"]


class ApacheSite(Site):
    server, on_443 = "apache", "<VirtualHost *:443>"

    def write(self, site):
        load = "\n".join(
            f"LoadModule {name}_module {MODULES}/mod_{name}.so"
            for name in APACHE_MODULES)
        other = f"""
Listen 127.0.0.1:{self.port}
<VirtualHost 127.0.0.1:{self.port}>
    SSLEngine on
    SSLCertificateFile {self.certificate}
    SSLCertificateKeyFile {self.certificate}
    DocumentRoot {self.folder}
</VirtualHost>"""
        (self.folder / "apache2.conf").write_text(f"""
ServerRoot {self.folder}
ServerName localhost
DefaultRuntimeDir {self.folder}
PidFile {self.folder}/apache2.pid
ErrorLog {self.folder}/apache2.errors
TypesConfig /dev/null
{load}
{other if self.certificate else ""}
Include {site}
""")

    def argv(self):
        return ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f",
                self.folder / "apache2.conf"]


class LighttpdSite(Site):
    server, site, on_443 = "lighttpd", "50-postrider.conf", ":443"

    def write(self, site):
        snippet = (CONF_DIR / "postrider.conf").read_text()
        (self.files / "shared.conf").write_text(self.ours(snippet))
        (self.folder / "site.conf").write_text(f"""
server.bind = "127.0.0.1"
server.port = {ports.free()}
server.document-root = "{self.folder}"
index-file.names = ( "index.html" )
mimetype.assign = ( ".html" => "text/html" )
include "{site}"
""")

    def argv(self):
        return ["/usr/sbin/lighttpd", "-D", "-f", self.folder / "site.conf"]


SITES = (LighttpdSite, NginxSite, ApacheSite)
