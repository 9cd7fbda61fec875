"""deployments/<network>.json: what stands on a network, as the scripts left it; and who sends their transactions.

{"network": the consortium's name, "chainId", "block", "admin", "contracts": {"AnchorLog", "PartnerRegistry"}}
An RPC address is left out on purpose: it may carry a password, and the file is made to be shared.
"""

import json
import os
from pathlib import Path
from typing import Any

from brownie import accounts, network, web3
from brownie._config import CONFIG

FOLDER = Path(os.environ.get("DEPLOYMENTS", Path(__file__).resolve().parent.parent / "deployments"))


def location() -> Path:
    return FOLDER / f"{network.show_active()}.json"


def write(deployment: dict[str, Any]) -> Path:
    """Writes the deployment of the active network. Raises FileExistsError: a deployment is never overwritten."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with location().open("x", encoding="utf-8") as file:
        file.write(json.dumps(deployment, indent=2) + "\n")
    return location()


def read() -> dict[str, Any]:
    """The deployment of the active network.

    Raises FileNotFoundError where nothing was deployed, ValueError where the file is another chain's.
    """
    if not location().exists():
        raise FileNotFoundError(f"{location()} is missing: deploy first (scripts/brownie.sh run deploy)")
    deployment: dict[str, Any] = json.loads(location().read_text("utf-8"))
    if deployment["chainId"] != web3.eth.chain_id:
        raise ValueError(f"{location()} is of chain {deployment['chainId']}, this one is {web3.eth.chain_id}")
    return deployment


def sending() -> dict[str, Any]:
    """Sender and price of a transaction.

    On a development network its first account; elsewhere brownie's account named by ACCOUNT (made by `brownie accounts
    new NAME`), whose password is asked for, or read from the file that PASSWORD_FILE names. A plain gas
    price is what networks with and without fees take.
    """
    if CONFIG.network_type == "development":
        return {"from": accounts[0], "gas_price": web3.eth.gas_price}
    if "ACCOUNT" not in os.environ:
        raise ValueError("ACCOUNT must name the brownie account that sends (scripts/brownie.sh accounts list)")
    password = Path(os.environ["PASSWORD_FILE"]).read_text("utf-8").strip() if "PASSWORD_FILE" in os.environ else None
    return {"from": accounts.load(os.environ["ACCOUNT"], password), "gas_price": web3.eth.gas_price}
