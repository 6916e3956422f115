"""Port numbers and service names."""

from __future__ import annotations

import pytest

from code_ops import services


def test_top_ports_are_ranked_and_distinct() -> None:
    assert services.top_ports(5) == [80, 23, 443, 21, 22]
    assert len(set(services.top_ports(1000))) == 1000


@pytest.mark.parametrize("n", [0, -1, 1001])
def test_top_ports_out_of_range(n: int) -> None:
    with pytest.raises(ValueError, match=r"^n is out of range 1-1000$"):
        services.top_ports(n)


def test_top_ports_may_be_changed_by_the_caller() -> None:
    services.top_ports(3).clear()
    services.ports_of_service("ssh").clear()
    assert services.top_ports(3) == [80, 23, 443]
    assert services.ports_of_service("ssh") == [22]


@pytest.mark.parametrize(
    ("port", "name"),
    [(22, "ssh"), (8080, "http-alt"), (61616, "activemq"), (1025, None), (0, None)],
)
def test_service_name_is_the_first_name(port: int, name: str | None) -> None:
    assert services.service_name(port) == name


@pytest.mark.parametrize(
    ("name", "ports"),
    [
        ("https", [443]),
        ("WWW", [80]),
        ("dicom", [104, 11112]),
        ("nothing", []),
        ("\u212aerberos", []),
    ],
)
def test_ports_of_service(name: str, ports: list[int]) -> None:
    assert services.ports_of_service(name) == ports


def test_every_name_leads_to_its_ports() -> None:
    names = list(services.service_names())
    assert len(names) > 300
    assert all(services.ports_of_service(name) for name in names)
    assert services.named_ports() == sorted(
        {port for name in names for port in services.ports_of_service(name)}
    )
