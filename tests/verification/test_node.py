"""The chain reader against a node that speaks JSON-RPC, in good and bad answers."""

import json

import httpx
import pytest
from sha3 import keccak_256

from chain_service.verification.node import NodeReader
from chain_service.verification.trust import ChainUnreachable, InvalidTrust, Trust
from chain_service.verification.verdict import check


def selector(signature):
    return "0x" + keccak_256(signature.encode()).hexdigest()[:8]


def words(*values):
    return "0x" + b"".join(v if isinstance(v, bytes) else int(v).to_bytes(32, "big") for v in values).hex()


class Node:
    """The contracts of a simulated chain behind eth_call, encoded as Solidity encodes."""

    def __init__(self, chain, trust):
        self.chain, self.trust = chain, trust

    def __call__(self, request):
        call = json.loads(request.content)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": self.answer(call)})

    def answer(self, call):
        if call["method"] == "eth_chainId":
            return hex(self.chain.chain_id())
        assert call["method"] == "eth_call"
        (what, block), data = call["params"], call["params"][0]["data"]
        assert block == "latest"
        address, number = "0x" + data[34:74], int(data[74:138] or "0", 16)
        registry, log = what["to"] == self.trust.partner_registry, what["to"] == self.trust.anchor_log
        if registry and data == selector("network()"):
            name = self.chain.network().encode()
            return words(32, len(name), name.ljust(-(-len(name) // 32) * 32, b"\0"))
        if log and data[:10] == selector("sealOf(address,uint64)"):
            seal = self.chain.seal_of(address, number)
            return words(seal.root, seal.first, seal.count, seal.sealed_at) if seal else words(0, 0, 0, 0)
        if registry and data[:10] == selector("statusAt(address,uint64)"):
            status = self.chain.status_at(address, number)
            return words(status.partner, status.roles, status.custody, status.status)
        if registry and data[:10] == selector("isOperator(address,uint64)"):
            return words(self.chain.is_operator(address, number))
        return "0x"


def reader(world, handler):
    return NodeReader(world.trust(), transport=httpx.MockTransport(handler))


def test_reads_what_the_contracts_hold(world):
    chain, receipt = world.chain(), world.receipt("shipping")
    with reader(world, Node(chain, world.trust())) as node:
        operator, at = receipt["batch"]["operator"], receipt["anchor"]["sealedAt"]
        assert node.chain_id() == chain.chain_id()
        assert node.network() == chain.network()
        assert node.seal_of(operator, 1) == chain.seal_of(operator, 1) is not None
        assert node.seal_of(operator, 99) is None
        address = receipt["reporter"]["address"]
        assert node.status_at(address, at) == chain.status_at(address, at)
        assert node.is_operator(operator, at)
        assert not node.is_operator(address, at)
        assert check(receipt, world.trust(), node).complete


def broken(kind):
    def answer(request):
        match kind:
            case "refused":
                raise httpx.ConnectError("refused")
            case "slow":
                raise httpx.ReadTimeout("slow")
            case "error":
                return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no"}})
            case "html":
                return httpx.Response(502, html="<h1>Bad gateway</h1>")
            case "long":
                return httpx.Response(200, content=b" " * 100_000)
            case "deep":
                return httpx.Response(200, content=b"[" * 50_000)
            case "list":
                return httpx.Response(200, json=[])
            case _:
                return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": kind})

    return answer


BAD = ["refused", "slow", "error", "html", "long", "deep", "list", None, 7, [], {}, "", "0x", "0xzz", "0x00", "zz"]


@pytest.mark.parametrize("kind", BAD, ids=str)
def test_a_bad_answer_is_chain_unreachable_and_nothing_else(world, kind):
    receipt = world.receipt("shipping")
    with reader(world, broken(kind)) as node:
        for ask in (
            node.network,
            lambda: node.seal_of(receipt["batch"]["operator"], 1),
            lambda: node.status_at(receipt["reporter"]["address"], 1),
            lambda: node.is_operator(receipt["batch"]["operator"], 1),
        ):
            with pytest.raises(ChainUnreachable):
                ask()
        verdict = check(receipt, world.trust(), node)
        assert verdict.holds
        assert not verdict.complete


@pytest.mark.parametrize(
    "data",
    ["20" + "ff" * 32, "00" * 31 + "20" + "ff" * 32 + "61" * 32, "00" * 31 + "20" + "00" * 31 + "02" + "ff" * 32],
)
def test_a_registry_that_answers_no_string_is_chain_unreachable(world, data):
    with reader(world, broken("0x" + data)) as node, pytest.raises(ChainUnreachable):
        node.network()


@pytest.mark.parametrize(
    "change",
    [
        {"network": None},
        {"chainId": "31337"},
        {"chainId": True},
        {"rpc": 5},
        {"contracts": []},
        {"contracts": {"AnchorLog": "0x12", "PartnerRegistry": "0x12"}},
        {"contracts": {"AnchorLog": "0x" + "aa" * 20}},
    ],
    ids=str,
)
def test_what_is_no_network_file_raises_invalid_trust(world, change):
    with pytest.raises(InvalidTrust):
        Trust.from_json({**world.trust_json("main"), **change})
    with pytest.raises(InvalidTrust):
        Trust.from_json([])


def test_addresses_in_a_network_file_may_be_in_mixed_case(world):
    value = world.trust_json("main")
    mixed = {**value, "contracts": {name: "0x" + held[2:].upper() for name, held in value["contracts"].items()}}
    assert Trust.from_json(mixed) == world.trust()
