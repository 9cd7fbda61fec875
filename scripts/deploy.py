"""Deploys PartnerRegistry and AnchorLog and writes deployments/<network>.json.

    ACCOUNT=deployer scripts/brownie.sh run deploy main LABEL --network NAME

LABEL begins the network's name (`demo` gives `demo-` and 16 random hex digits). The sender becomes the admin.
"""

import re
import secrets
from typing import Any

from brownie import AnchorLog, PartnerRegistry, web3

from scripts import deployments


def main(label: str) -> dict[str, Any]:
    """Raises ValueError for an odd label, FileExistsError where this network has a deployment."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", label):
        raise ValueError(f"{label!r} is no label: lower-case letters, digits and single hyphens, a letter first")
    if deployments.location().exists():
        raise FileExistsError(f"{deployments.location()} exists: a network's name and contracts are fixed for ever")
    sending = deployments.sending()
    name = f"{label}-{secrets.token_hex(8)}"
    registry = PartnerRegistry.deploy(name, sending["from"], sending)
    log = AnchorLog.deploy(registry, sending)
    deployment = {
        "network": name,
        "chainId": web3.eth.chain_id,
        "block": registry.tx.block_number,
        "admin": str(sending["from"]),
        "contracts": {"AnchorLog": log.address, "PartnerRegistry": registry.address},
    }
    print(f"{name} is written to {deployments.write(deployment)}")
    return deployment
