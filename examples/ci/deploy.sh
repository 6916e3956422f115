#!/bin/sh
# Stands for what you run: it finds its secrets as variables, and whatever it prints of them is
# redacted.
set -eu
: "${DEPLOY_TOKEN:?is to be in the vault as deploy/token}"
echo "deploying with the token $DEPLOY_TOKEN"
