#!/bin/sh
# In a network namespace made for it: `make.sh WORLD PROGRAM DIRECTORY` sets up the machine called WORLD and lets the
# golden program write DIRECTORY/WORLD.json and worlds/WORLD.json. regenerate.sh calls it under `unshare --net`.
set -eu
add() {  # name index type...
  name=$1 index=$2
  shift 2
  ip link add "$name" index "$index" address "02:00:00:00:00:$(printf %02x "$index")" type "$@"
  ip link set "$name" addrgenmode none
}
address() {
  ip address add "$1" dev "$2" ${3-}
}
ip link set lo up
case $1 in
host)  # a Docker host: default route over eth0, a private and a public address, one interface down, no hardware on tun0
  add eth0 2 bridge
  add eth1 3 bridge
  add docker0 4 bridge
  add off0 5 bridge
  ip tuntap add dev tun0 mode tun
  ip link set tun0 addrgenmode none
  ip link set eth0 mtu 1400 up
  ip link set eth1 up
  ip link set docker0 up
  ip link set tun0 up
  address 10.0.5.9/16 eth0
  address 10.0.5.10/24 eth0
  address 192.168.7.200/28 eth1
  address 93.184.216.34/29 eth1
  address 172.17.0.1/16 docker0
  address 10.99.0.1/8 off0
  address 10.8.0.2/32 tun0
  address 169.254.3.4/16 docker0
  address fd00:1::5/64 eth0 nodad
  address 2a00:1450:4001:81b::200e/64 eth1 nodad
  ip route add default via 10.0.0.1 dev eth0
  ;;
bare)  # no default route over a gateway, special addresses
  add a0 2 bridge
  add b0 3 bridge
  ip link set a0 up
  ip link set b0 up
  address 198.51.100.7/24 a0
  address 8.8.8.8/31 a0
  address 100.64.3.2/10 b0
  address 203.0.113.9/32 b0
  address fe80::1:2/64 a0 nodad
  address 2001:db8::7/48 a0 nodad
  address 64:ff9b::1/96 b0 nodad
  address 2002:c058:6301::5/120 b0 nodad
  ip route add default dev a0
  ;;
empty)  # nothing but the loopback
  ip link set lo down
  ip address flush dev lo
  ;;
esac
"$2" -world > "worlds/$1.json"
"$2" "$3" "input/$1.txt"
