#!/bin/sh
# A cluster on one machine: RabbitMQ, PostgreSQL, two controllers that take calls, one more conductor and two compute workers.
# Runs in the foreground; Ctrl-C ends all of it. Needs the packages rabbitmq-server and postgresql; their own services may stay off.
#   examples/cluster.sh DIRECTORY
#   nova boot web-1 --flavor m1.tiny --state DIRECTORY/ctl1
set -eu
directory=$(mkdir -p "${1:?usage: cluster.sh DIRECTORY}" && cd "$1" && pwd)
nova=${NOVA:-nova}
mq_port=${MQ_PORT:-56720}
pg_port=${PG_PORT:-54320}
pg=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
bus=amqp://guest@127.0.0.1:$mq_port
database=postgres://nova@127.0.0.1:$pg_port/nova
servers=
daemons=

# The daemons first: they say good-bye to broker and database.
finish() {
  trap - EXIT INT TERM
  for pid in $daemons; do kill "$pid" 2>/dev/null || true; done
  for pid in $daemons; do wait "$pid" || true; done
  for pid in $servers; do kill -INT "$pid" 2>/dev/null || true; kill "$pid" 2>/dev/null || true; done
  wait
}
trap finish EXIT
trap 'exit 0' INT TERM

# PostgreSQL refuses to run as root: then it is nobody's, who must be able to reach DIRECTORY.
as=
[ "$(id -u)" -ne 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
if [ ! -e "$directory/pg/PG_VERSION" ]; then
  mkdir -m 700 "$directory/pg"
  [ -z "$as" ] || chown 65534:65534 "$directory/pg"
  chmod 755 "$directory"
  (cd / && $as "$pg/initdb" -D "$directory/pg" -U nova -A trust -E UTF8 --locale=C >/dev/null)
fi
(cd / && exec $as "$pg/postgres" -D "$directory/pg" -p "$pg_port" -h 127.0.0.1 -k '' >"$directory/pg.log" 2>&1) &
servers="$servers $!"

mkdir -p "$directory/mq"
printf 'listeners.tcp.1 = 127.0.0.1:%s\n' "$mq_port" >"$directory/mq/rabbitmq.conf"
printf '[].' >"$directory/mq/enabled_plugins"
ERL_EPMD_PORT=$((mq_port + 1)) ERL_EPMD_ADDRESS=127.0.0.1
export ERL_EPMD_PORT ERL_EPMD_ADDRESS
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
servers="$servers $!"
HOME=$directory/mq RABBITMQ_NODENAME=novakit@localhost RABBITMQ_NODE_PORT=$mq_port RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
  RABBITMQ_DIST_PORT=$((mq_port + 2)) RABBITMQ_CONFIG_FILE=$directory/mq/rabbitmq.conf RABBITMQ_CONF_ENV_FILE=$directory/mq/none \
  RABBITMQ_ENABLED_PLUGINS_FILE=$directory/mq/enabled_plugins RABBITMQ_MNESIA_BASE=$directory/mq RABBITMQ_LOG_BASE=$directory/mq/log \
  RABBITMQ_PID_FILE=$directory/mq/pid /usr/lib/rabbitmq/bin/rabbitmq-server >"$directory/mq.log" 2>&1 &
servers="$servers $!"

until "$pg/psql" -h 127.0.0.1 -p "$pg_port" -U nova -d postgres -c 'SELECT 1' >/dev/null 2>&1; do sleep 0.2; done
"$pg/psql" -h 127.0.0.1 -p "$pg_port" -U nova -d postgres -c 'CREATE DATABASE nova' >/dev/null 2>&1 || true

daemon() {
  name=$1
  shift
  mkdir -m 700 -p "$directory/$name"
  $nova daemon run --state "$directory/$name" --name "$name" --bus "$bus" "$@" 2>"$directory/$name.log" &
  daemons="$daemons $!"
}
daemon ctl1 --roles api,conductor --database "$database"
until [ -S "$directory/ctl1/nova.sock" ]; do
  kill -0 $daemons 2>/dev/null || { cat "$directory/ctl1.log" >&2; exit 1; }
  sleep 0.2
done
daemon ctl2 --roles api,conductor --database "$database"
daemon ctl3 --roles conductor --database "$database"
daemon rack1 --roles compute --hosts kvm1,kvm2
daemon rack2 --roles compute --hosts kvm1,kvm2

until [ "$($nova service list --state "$directory/ctl1" -f value -c state | grep -c up)" -ge 9 ]; do sleep 0.5; done
for host in kvm1 kvm2; do
  $nova host add "$host" --driver "${DRIVER:-fake}" --instances-path "$directory/hosts/$host" --or-reuse --state "$directory/ctl1" >/dev/null
done
echo "ready: nova --state $directory/ctl1 service list"
wait
