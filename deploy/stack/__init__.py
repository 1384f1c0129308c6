# SPDX-License-Identifier: MIT
"""
A private stack on 127.0.0.1: Redis, RabbitMQ, an SMTP catcher, the API behind
lighttpd, the worker. demo.sh and the stories start it from here; it knows how
the services are run, not what a mail is. Nothing but Debian's packages.
"""
