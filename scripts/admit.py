"""Admits a partner and adds its key; where the partner is admitted already, adds the key alone.

    ACCOUNT=admin scripts/brownie.sh run admit main DID ROLES KEY CUSTODY --network NAME

ROLES as in `producer,operator`, CUSTODY `partner` or `operator` (who holds the key). The key is good from this block.
"""

from brownie import PartnerRegistry, web3

from scripts import deployments

ROLES = ("brand", "producer", "logistics", "warehouse", "inspector", "customs", "sensor_gateway", "operator", "arbiter")
CUSTODY = {"partner": 1, "operator": 2}


def bits(roles: str) -> int:
    """The registry's bits of comma-separated roles. Raises ValueError for a word that is no role."""
    return sum({1 << ROLES.index(role) for role in roles.split(",") if role})


def main(did: str, roles: str, key: str, custody: str) -> str:
    """Returns the partner's id on chain.

    Raises ValueError for what is no DID, role or custody, and for other roles than an admitted partner holds.
    """
    if not did.startswith("did:"):
        raise ValueError(f"{did!r} is no DID")
    if custody not in CUSTODY:
        raise ValueError(f"{custody!r} is no custody: partner or operator")
    wanted = bits(roles)
    registry = PartnerRegistry.at(deployments.read()["contracts"]["PartnerRegistry"], persist=False)
    sending = deployments.sending()
    partner = web3.keccak(text=did).to_0x_hex()
    admitted, held, _suspended = registry.partnerAt(partner, 2**64 - 1)
    if not admitted:
        registry.admitPartner(did, wanted, sending)
    elif held != wanted:
        raise ValueError(f"{did} holds roles {held}, not {wanted}: change them by setRoles")
    registry.addKey(partner, key, CUSTODY[custody], 0, 0, sending)
    print(f"{did} ({partner}) speaks with {key}")
    return partner
