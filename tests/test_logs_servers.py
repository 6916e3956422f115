"""What real servers log: the report tells what the test had them do.

PostgreSQL, systemd's journal and the loggers of languages have files of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from log_servers import (
    answers,
    free_port,
    levels,
    names,
    needs,
    open_folder,
    report,
    running,
)
from log_servers import (
    request as send,
)

# Method, path, agent and how often; every path is one that no number makes a pattern of.
REQUESTS = [
    ("GET", "/", "curl/8.0", 5),
    ("GET", "/missing", "curl/8.0", 3),
    ("HEAD", "/", "probe/1", 2),
    ("POST", "/upstream", 'Mozilla/5.0 "quoted" \\ back', 2),
    ("GET", "/cycle", "probe/1", 1),
    ("GET", "/gone?x=1&y=%20", "probe/1", 4),
    ("DELETE", "/limited", "probe/1", 3),
]
STATUSES = {"200": 7, "404": 3, "502": 2, "500": 1, "410": 4, "405": 1, "503": 2}
METHODS = {"GET": 13, "HEAD": 2, "POST": 2, "DELETE": 3}
PATHS = {"/": 7, "/missing": 3, "/upstream": 2, "/cycle": 1, "/gone": 4, "/limited": 3}
AGENTS = {"curl/8.0": 8, "probe/1": 10}
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 64; }}
http {{
  log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status '
    '$body_bytes_sent "$http_referer" "$http_user_agent" $request_time';
  log_format structured escape=json '{{"time":"$time_iso8601","remote":"$remote_addr",'
    '"request":"$request","status":$status,"bytes":$body_bytes_sent,'
    '"agent":"$http_user_agent","request_time":$request_time}}';
  access_log {folder}/combined.log;
  access_log {folder}/timed.log timed;
  access_log {folder}/structured.log structured;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  limit_req_zone $remote_addr zone=few:1m rate=1r/m;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/www;
    location = /upstream {{ proxy_pass http://127.0.0.1:{closed}; }}
    location = /cycle {{ rewrite ^ /cycle last; }}
    location = /gone {{ return 410; }}
    location = /limited {{ limit_req zone=few; limit_req_log_level warn; }}
  }}
}}
"""


def send_requests(port: int, statuses: dict[str, int]) -> None:
    """Sends them all, and looks whether the server answered as expected."""
    found = Counter(
        str(send(port, method, path, agent))
        for method, path, agent, count in REQUESTS
        for _ in range(count)
    )
    assert found == statuses


def is_recent(time: str) -> bool:
    """Whether a time of a report is of this test: the zone was read and applied."""
    return abs(datetime.now(UTC) - datetime.fromisoformat(time)) < timedelta(minutes=5)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the logs of an nginx that was asked everything and has ended."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "www").mkdir()
    (folder / "www" / "index.html").write_text("hello\n")
    (folder / "www" / "limited").write_text("x")
    port, closed = free_port(), free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, closed=closed))
    words: list[str | Path] = [
        "nginx",
        "-p",
        folder,
        "-c",
        folder / "nginx.conf",
        "-e",
        folder / "error.log",
    ]
    with running(words, folder / "output", lambda: answers(port)):
        send_requests(port, STATUSES)
    return folder


def check_requests(found: dict[str, Any], statuses: dict[str, int]) -> None:
    """The report on an access log of the requests."""
    http = found["http"]
    assert found["unparsed_lines"] == found["continuation_lines"] == 0
    assert found["total"] == http["requests"] == sum(statuses.values())
    assert http["statuses"] == statuses
    assert names(http["methods"]) == METHODS
    assert names(http["paths"]) == PATHS
    assert names(http["clients"]) == {"127.0.0.1": found["total"]}
    agents = names(http["agents"])
    assert {name: count for name, count in agents.items() if "Mozilla" not in name} == AGENTS
    assert sum(agents.values()) == found["total"]
    assert is_recent(found["first"])
    assert is_recent(found["last"])
    assert found["times"]["zone_assumed"] == 0


@needs("nginx")
@pytest.mark.parametrize("name", ["combined", "timed"])
def test_nginx_access(nginx: Path, name: str) -> None:
    path = nginx / f"{name}.log"
    found = report(path)
    check_requests(found, STATUSES)
    sizes = [int(line.split('"')[2].split()[1]) for line in path.read_text().splitlines()]
    assert found["http"]["bytes"]["sum"] == sum(sizes)
    assert found["http"]["bytes"]["max"] == max(sizes)


@needs("nginx")
def test_nginx_access_as_json(nginx: Path) -> None:
    found = report(nginx / "structured.log")
    assert found["formats"] == {"json": 20}
    assert found["fields"]["request_time"]["count"] == 20
    assert found["fields"]["bytes"]["max"] > 0
    assert is_recent(found["first"])
    assert found["times"]["zone_assumed"] == 0


@needs("nginx")
def test_nginx_errors(nginx: Path) -> None:
    path = nginx / "error.log"
    found = report(path)
    written = Counter(re.findall(r"^\S+ \S+ \[(\w+)\]", path.read_text(), re.MULTILINE))
    assert written == {"error": 3 + 2 + 1, "warn": 2, "notice": written["notice"]}
    assert levels(found) == {"error": 6, "warning": 2, "notice": written["notice"]}
    assert found["total"] == len(path.read_text().splitlines())
    assert found["unparsed_lines"] == found["continuation_lines"] == 0
    problems = {row["example"].split(",")[0]: row["count"] for row in found["problems"]}
    missing = f'open() "{nginx}/www/missing" failed (2: No such file or directory)'
    assert problems[missing] == 3
    assert [count for text, count in problems.items() if "Connection refused" in text] == [2]
    assert [count for text, count in problems.items() if "limiting requests" in text] == [2]
    assert [count for text, count in problems.items() if "redirection cycle" in text] == [1]


@needs("nginx")
def test_nginx_errors_name_no_source(nginx: Path) -> None:
    """``[notice] 1#1: OS: Linux``: nginx names none, and what it says stays whole."""
    found = report(nginx / "error.log")
    assert found["sources"] == []


@needs("nginx")
def test_nginx_requests_as_json_are_told(nginx: Path) -> None:
    """The same requests as in the combined log."""
    structured, combined = report(nginx / "structured.log"), report(nginx / "combined.log")
    for key in ("requests", "statuses", "methods", "paths", "failures"):
        assert structured["http"][key] == combined["http"][key]


APACHE = """
ServerName localhost
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/httpd.pid
Listen 127.0.0.1:{port}
{modules}
User nobody
Group nogroup
LogLevel info
ErrorLog {folder}/error.log
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\" %D" vhost
CustomLog {folder}/combined.log combined
CustomLog {folder}/vhost.log vhost
DocumentRoot {folder}/www
<Location /limited>
  Require all denied
</Location>
Redirect 410 /gone
ProxyPass /upstream http://127.0.0.1:{closed}/ retry=0
RewriteEngine on
RewriteRule ^/cycle$ - [R=500]
"""
MODULES = ["mpm_event", "authz_core", "dir", "alias", "proxy", "proxy_http", "rewrite"]
APACHE_STATUSES = {"200": 7, "404": 3, "503": 2, "500": 1, "410": 4, "403": 3}
APACHE_MODULES = Path("/usr/lib/apache2/modules")


@pytest.fixture(scope="module")
def apache() -> Iterator[Path]:
    """A folder with the logs of an Apache that was asked everything and has ended."""
    with open_folder() as folder:
        (folder / "www").mkdir()
        (folder / "www" / "index.html").write_text("hello\n")
        modules = "\n".join(
            f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in MODULES
        )
        port, closed = free_port(), free_port()
        conf = APACHE.format(folder=folder, port=port, closed=closed, modules=modules)
        (folder / "httpd.conf").write_text(conf)
        words: list[str | Path] = ["apache2", "-DFOREGROUND", "-f", folder / "httpd.conf"]
        with running(words, folder / "output", lambda: answers(port)):
            send_requests(port, APACHE_STATUSES)
        yield folder


@needs("apache2")
@pytest.mark.parametrize("name", ["combined", "vhost"])
def test_apache_access(apache: Path, name: str) -> None:
    path = apache / f"{name}.log"
    found = report(path)
    check_requests(found, APACHE_STATUSES)
    sizes = [int(line.split('"')[2].split()[1]) for line in path.read_text().splitlines()]
    assert found["http"]["bytes"]["sum"] == sum(sizes)


@needs("apache2")
def test_apache_errors(apache: Path) -> None:
    """``[proxy:error] [pid 1:tid 2] (111)Connection refused: AH00957: ...``"""
    text = (apache / "error.log").read_text()
    found = report(apache / "error.log")
    written = Counter(re.findall(r"^\[[^]]+\] \[\w+:(\w+)\] \[pid", text, re.MULTILINE))
    assert sum(written.values()) == len(text.splitlines()) == found["total"]
    names_of_levels = {"warn": "warning", "emerg": "emergency", "crit": "critical"}
    expected = {names_of_levels.get(name, name): count for name, count in written.items()}
    assert levels(found) == expected
    problems = {row["example"]: row["count"] for row in found["problems"]}
    assert [count for text, count in problems.items() if "client denied" in text] == [3]
    assert [count for text, count in problems.items() if "Connection refused" in text] == [2]
    assert [count for text, count in problems.items() if "failed to make connection" in text] == [2]


@needs("apache2")
def test_apache_errors_come_from_modules(apache: Path) -> None:
    sources = names(report(apache / "error.log")["sources"])
    assert sources == {"authz_core": 3, "core": 5, "mpm_event": 3, "proxy": 2, "proxy_http": 2}
