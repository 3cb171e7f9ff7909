#!/bin/sh
# Deploys the demo service onto host-1 and host-2 of `poc up --hosts 3`, one by one: sh vagrant/deploy.sh [VERSION [COLOR]]
# On virtual machines it is ansible/service.yml that deploys; see ansible/README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=${1:-2.0}
color=${2:-red}
exec "$here/poc" deploy --version "$version" --color "$color"
