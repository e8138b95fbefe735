# Runs as process 1 of new namespaces: lays a throw-away layer over the machine's own disk and hands over to its own
# systemd. Nothing of what happens in there is ever seen outside, but for the folder $SHARE, which is /mnt inside.
#
# What systemd expects of the machine below it, and finds in containers only if somebody sees to it: its own /proc,
# /sys, cgroups, /dev and /run, an id, and no units that want hardware.
set -euo pipefail
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs "$WORK"
mkdir "$WORK/upper" "$WORK/work" "$WORK/root"
root=$WORK/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$WORK/upper,workdir=$WORK/work" "$root"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

units=$root/etc/systemd/system
rm -rf "$units"
mkdir -p "$units" "$root/mnt"
for unit in systemd-{binfmt,firstboot,hwdb-update,logind,machine-id-commit,modules-load,networkd,random-seed,remount-fs} \
  systemd-{sysctl,timesyncd,udev-trigger,udevd,update-utmp} console-getty getty@tty1 kmod-static-nodes; do
  ln -s /dev/null "$units/$unit.service"
done
ln -s /dev/null "$units/systemd-udevd-control.socket"
ln -s /dev/null "$units/systemd-udevd-kernel.socket"
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >"$units/trial.target"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"

# The program: an interpreter outside of /root and /home, which services do not see, and the tree under test.
mount --bind "$SHARE" "$root/mnt"
mkdir -p "$root/opt/python" "$root/opt/feeds/packages" "$root/opt/feeds/program/feeds"
mount --bind "$PYTHON" "$root/opt/python"
mount --bind "$PACKAGES" "$root/opt/feeds/packages"
mount --bind "$PROGRAM" "$root/opt/feeds/program/feeds"
mount --bind "$root/opt/python/bin" "$root/opt/python/bin" # of its own, so that it may be listed as executable
cp -a "$SHARE/root/." "$root/"

mkdir "$root/.before"
cd "$root"
pivot_root . .before
umount -l /.before
mount --make-rshared / # or credentials, which are mounted, are refused to services with a user of their own
exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  setpriv --bounding-set=-sys_module,-sys_time,-sys_rawio \
  /lib/systemd/systemd --system --unit=trial.target --show-status=no
