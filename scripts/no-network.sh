#!/bin/sh
# Run a command where no network is: a namespace of its own that holds the loopback address and nothing else.
#   scripts/no-network.sh COMMAND [ARGUMENT]…
# Linux only; where the system forbids namespaces this fails before COMMAND starts. Jupyter needs the loopback.
exec unshare -rn sh -c 'ip link set lo up && exec "$@"' no-network "$@"
