#!/bin/sh
# Makes the validators' keys and the genesis block of a new consortium ledger, once, into ./network (kept out of git).
# Usage: sh prepare.sh          (needs docker; set BESU_IMAGE to use another Besu)
set -eu
cd "$(dirname "$0")"
image="${BESU_IMAGE:-hyperledger/besu:25.8.0}"

if [ -e network ]; then
  echo "deploy/besu/network exists: a ledger's keys are never replaced. Move the folder away to make a new ledger." >&2
  exit 1
fi

mkdir network
docker run --rm --user "$(id -u):$(id -g)" -v "$PWD/qbft-config.json:/config.json:ro" -v "$PWD/network:/out" "$image" \
  operator generate-blockchain-config --config-file=/config.json --to=/out/generated --private-key-file-name=key
mv network/generated/genesis.json network/genesis.json

# One folder for each validator; the addresses are those of compose.yaml.
number=0
peers=""
for keys in network/generated/keys/*/; do
  number=$((number + 1))
  mkdir "network/validator$number"
  mv "$keys/key" "$keys/key.pub" "network/validator$number/"
  chmod 600 "network/validator$number/key"
  public="$(sed 's/^0x//' "network/validator$number/key.pub")"
  peers="$peers${peers:+,}\"enode://$public@172.28.42.1$number:30303\""
done
rm -r network/generated

for folder in network/validator*/; do
  echo "[$peers]" >"$folder/static-nodes.json"
done
echo "$number validators prepared in deploy/besu/network. Next: docker compose up -d"
