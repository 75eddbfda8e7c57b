#!/bin/sh
# Provokes each reason for which the load generator must call its own run invalid, and checks that it
# does, names the cause, and ends with 4; and that a healthy run raises none of them.
#
#   bench/validity.sh [path/to/victor]
#
# Ports need root (a network of their own), throttling needs a control group that can be written;
# what the machine does not allow is said and skipped. Takes about a minute.
victor=${1:-target/release/victor}
port=${PORT:-8391}
host=http://127.0.0.1:$port
work=$(mktemp -d)
failed=0
pids=""
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT

"$victor" serve --port "$port" --profile instant >"$work/serve.log" 2>&1 &
pids="$pids $!"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    "$victor" load --headless -H "$host" --requests 1 --only-summary >/dev/null 2>&1
    [ $? -ne 3 ] && break
    sleep 0.3
done

load="$victor load --headless -H $host --only-summary --seed 1"

# check NAME WORD STATUS: the last run's exit code and its words.
check() {
    if [ "$2" = healthy ]; then
        if [ "$3" -ne 4 ] && ! grep -q invalidating "$work/out"; then echo "ok       $1"; return; fi
    elif [ "$3" -eq 4 ] && grep -A4 '^invalidating' "$work/out" | tr '\n' ' ' | tr -s ' ' | grep -q "$2"; then
        echo "ok       $1: exit 4, \"$2\""
        return
    fi
    echo "FAILED   $1: exit $3, wanted \"$2\""
    sed -n '/^Doubts/,$p' "$work/out"
    failed=1
}

$load -u 20 -r 20 -t 10s --wait constant:0.1 >"$work/out" 2>&1
check "healthy" healthy $?

hogs=""
for _ in 1 2 3; do
    taskset -c 0 sh -c 'while :; do :; done' &
    hogs="$hogs $!"
done
taskset -c 0 $load -u 20 -r 20 -t 8s --wait constant:0.05 >"$work/out" 2>&1
check "a busy core" "CPU starvation" $?
kill $hogs 2>/dev/null

prlimit --nofile=64:64 $load -u 200 -r 200 -t 4s --wait constant:0.2 >"$work/out" 2>&1
check "few files" "files exhausted" $?

$load --arrival-rate 200 -t 8s >"$work/out" 2>&1 &
held=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.3
    kill -STOP $held 2>/dev/null && sleep 0.05 && kill -CONT $held 2>/dev/null
done
wait $held
check "a schedule held up" "after they were due" $?

inside="ip link set lo up 2>/dev/null || ifconfig lo up
echo '40000 40031' >/proc/sys/net/ipv4/ip_local_port_range
'$victor' serve --port $port --profile instant >/dev/null 2>&1 & own=\$!
sleep 1
$load -u 100 -r 100 -t 4s --wait constant:0.2
code=\$?; kill \$own; exit \$code"
if unshare -n true 2>/dev/null; then
    unshare -n sh -c "$inside" >"$work/out" 2>&1
    check "few ports" "ports exhausted" $?
else
    echo "skipped  few ports: no network of its own without root"
fi

group=/sys/fs/cgroup/cpu/victor-validity
[ -f /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/victor-validity
if mkdir "$group" 2>/dev/null && { echo 10000 >"$group/cpu.cfs_quota_us" || echo '10000 100000' >"$group/cpu.max"; } 2>/dev/null; then
    sh -c "echo \$\$ >$group/cgroup.procs; exec $load -u 50 -r 50 -t 6s --wait constant:0.02" >"$work/out" 2>&1
    check "a small quota" "throttled" $?
    rmdir "$group"
else
    rmdir "$group" 2>/dev/null
    echo "skipped  a small quota: no control group for CPU that can be written"
fi

echo "skipped  steal: only the host of a virtual machine can provoke it"
exit $failed
