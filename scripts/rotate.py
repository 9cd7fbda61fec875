"""Replaces an operator's key: adds the successor, and ends the sealing of the old key in the next transaction.

    ACCOUNT=admin scripts/brownie.sh run rotate main DID OLD NEW --network NAME

The successor's log starts at 0; the old log's length, now final, is printed. The old key stays good for statements;
plan its end with `endKey` when nothing signed with it is still to be sealed.
"""

from brownie import AnchorLog, PartnerRegistry, chain, web3

from scripts import deployments

HELD_BY_PARTNER = 1


def main(did: str, old: str, new: str) -> int:
    """Returns the final length of the old key's log. A successor that is added already is used as it is."""
    contracts = deployments.read()["contracts"]
    registry = PartnerRegistry.at(contracts["PartnerRegistry"], persist=False)
    sending = deployments.sending()
    partner = web3.keccak(text=did).to_0x_hex()
    if registry.statusAt(new, chain.time())[3] == 0:
        registry.addKey(partner, new, HELD_BY_PARTNER, 0, 0, sending)
    registry.rotateOperator(old, new, sending)
    final = int(AnchorLog.at(contracts["AnchorLog"], persist=False).next(old))
    print(f"{old} sealed {final} statements and can seal no more; {new} continues")
    return final
