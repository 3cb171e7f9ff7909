#!/bin/sh
# Deploys the demo service onto host-1 and host-2: on the virtual machines where Vagrant runs them, else on the hosts of
# `poc up --hosts 3`. Usage: sh vagrant/deploy.sh [VERSION [COLOR]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=${1:-2.0}
color=${2:-red}
exec "$here/poc" deploy --version "$version" --color "$color"
