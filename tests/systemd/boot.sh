#!/bin/sh
# boot.sh CANARY FOLDER CHECKOUT VENV BASE PYTHON COMMAND...
#
# Runs COMMAND (systemd) as process 1 in a root of its own, in which painwatch is installed.
#
# systemd sets up a whole machine: it empties /tmp and writes kernel settings. So nothing of this
# machine may be within its reach: the root is a tmpfs, of the machine's disks it sees read-only
# folders only, and the old root is gone. That is proved below, before COMMAND starts; a failed
# proof ends this with exit code 1 and the words "not isolated".
#
#   CANARY    a file in the machine's /tmp, which must be out of sight
#   FOLDER    shown as /srv; its etc/ is laid over the machine's copied /etc
#   CHECKOUT  shown as /opt/checkout
#   VENV      its lib/ is shown as /opt/painwatch/lib
#   BASE      the interpreter's installation, shown as /opt/python
#   PYTHON    the interpreter's name in BASE/bin
#
# Must be process 1 of new mount, pid, uts, ipc, net and cgroup namespaces.
set -eu
canary=$1 folder=$2 checkout=$3 venv=$4 base=$5 python=$6
shift 6

must() {
    "$@" || { echo "not isolated: $*" >&2; exit 1; }
}
must [ $$ = 1 ]
# A canary that never was would prove nothing.
must [ -e "$canary" ]
disks=$(awk '{ print $3 }' /proc/self/mountinfo)
mount --make-rprivate /

mkdir -p "$folder/root"
mount -t tmpfs -o mode=755 root "$folder/root"
cd "$folder/root"
mkdir -p usr etc proc sys dev run tmp var/tmp var/log var/lib var/cache srv old root home
mkdir -p opt/checkout opt/python opt/painwatch/bin opt/painwatch/lib
for name in bin lib lib64 sbin; do ln -s usr/$name $name; done
show() {
    mount --bind "$1" "$2"
    mount -o remount,bind,ro,nosuid "$2"
}
show /usr usr
show "$folder" srv
show "$checkout" opt/checkout
show "$base" opt/python
show "$venv/lib" opt/painwatch/lib

# painwatch where the install notes put it, so that no unit has to be changed.
ln -s "/opt/python/bin/$python" opt/painwatch/bin/python
printf 'home = /opt/python/bin\n' > opt/painwatch/pyvenv.cfg
printf '#!/bin/sh\nexec /opt/painwatch/bin/python -m painwatch "$@"\n' > opt/painwatch/bin/painwatch
chmod 755 opt/painwatch/bin/painwatch

# No unit of this machine is started: its own are left out.
cp -a /etc/. etc/
rm -rf etc/systemd/system etc/machine-id
cp -r srv/etc/. etc/
echo /opt/python/lib > etc/ld.so.conf.d/painwatch.conf

mount -t tmpfs -o mode=755 own run
mount -t tmpfs -o mode=1777 own tmp
mount -t tmpfs -o mode=1777 own var/tmp
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 own dev
for node in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
    mknod -m 666 "dev/${node% *}" c 1 "${node#* }"
done
mknod -m 666 dev/tty c 5 0
mkdir dev/shm dev/pts
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 own dev/shm

pivot_root . old
cd /
umount -l /old
rmdir /old
for kernel in /proc/sys /proc/sysrq-trigger; do
    [ -e $kernel ] || continue
    mount --bind $kernel $kernel
    mount -o remount,bind,ro $kernel
done

# The proof.
no_disk_can_be_written() {
    # cgroup2 is one for the whole machine; what is seen of it is proved further down.
    printf '%s\n' "$disks" | awk '
        NR == FNR { disk[$1] = 1; next }
        $3 in disk && $6 !~ /^ro(,|$)/ && !/ - cgroup2 / { print; bad = 1 }
        END { exit bad }' - /proc/self/mountinfo >&2
}
is_own_mount() {
    device=$(mountpoint -d "$1") && ! printf '%s\n' "$disks" | grep -qx "$device"
}
is_empty() {
    [ -z "$(ls -A "$1")" ]
}
only_own_processes_are_seen() {
    grep -q '^0::/$' /proc/self/cgroup && [ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ]
}
must [ ! -e "$canary" ]
for own in / /tmp /var/tmp /run /dev; do must is_own_mount $own; done
for own in /tmp /var/tmp; do must is_empty $own; done
must no_disk_can_be_written
must only_own_processes_are_seen
echo isolated

ldconfig
systemd-sysusers /opt/checkout/systemd/painwatch.sysusers.conf
chgrp painwatch /etc/painwatch/room-12.yaml
chgrp painwatch-station /etc/painwatch/station.yaml
exec "$@"
