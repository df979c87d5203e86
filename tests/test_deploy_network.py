"""Whom Kubernetes' policies let reach what: they add up, so they are looked at together."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.manifests import BASE, of_kind, workloads

PUBLIC, PRIVATE = "93.184.215.14", "10.0.0.10"
NEED_NO_BUCKET = {"clock", "migrate"}


def yours() -> dict[str, Any]:
    """Return the policy that is there to be adapted, as it is once it was taken in."""
    _, found, rest = (BASE / "network.yaml").read_text().partition("\n# ---\n")
    assert found
    lines = rest.splitlines()
    assert all(line.startswith("# ") for line in lines)
    policy: dict[str, Any] = yaml.safe_load("\n".join(line[2:] for line in lines))
    return policy


def let_out(name: str, address: str, port: int, *added: dict[str, Any]) -> bool:
    labels = workloads()[name]["metadata"]["labels"]
    policies = [*of_kind("NetworkPolicy").values(), *added]
    return any(
        port in {one["port"] for one in rule["ports"]} and _is_among(address, rule.get("to"))
        for policy in policies
        if _is_for(labels, policy["spec"]["podSelector"])
        for rule in policy["spec"]["egress"]
    )


def _is_for(labels: dict[str, str], selector: dict[str, Any]) -> bool:
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "NotIn"
        if labels[expression["key"]] in expression["values"]:
            return False
    return selector["matchLabels"].items() <= labels.items()


def _is_among(address: str, places: list[dict[str, Any]] | None) -> bool:
    if places is None:
        return True
    return any(
        ip_address(address) in ip_network(block["cidr"])
        and not any(ip_address(address) in ip_network(one) for one in block.get("except", []))
        for block in _blocks(places)
    )


def _blocks(places: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (place["ipBlock"] for place in places if "ipBlock" in place)


@pytest.mark.parametrize("name", workloads())
def test_nobody_reaches_what_lies_inside_at_a_port_of_the_web(name):
    assert not let_out(name, PRIVATE, 443)
    assert not let_out(name, "169.254.169.254", 80)


@pytest.mark.parametrize("name", workloads())
def test_each_reaches_what_it_needs_and_no_more(name):
    for port in (53, 5432, 6379):
        assert let_out(name, PRIVATE, port)
    assert let_out(name, PUBLIC, 443) is (name not in NEED_NO_BUCKET)
    for port in (80, 25, 587):
        assert let_out(name, PUBLIC, port) is (name == "web")


def test_what_is_of_ones_own_is_let_through_by_a_rule_to_adapt():
    policy = yours()
    kubernetes_validate.validate(policy, kubernetes_validate.latest_version(), strict=True)
    assert let_out("index", PRIVATE, 443, policy)
    assert let_out("web", "10.0.0.25", 25, policy)
    ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
    assert ports == {443, 25, 9000, 4318}
