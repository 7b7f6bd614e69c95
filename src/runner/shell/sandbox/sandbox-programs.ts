/**
 * Runs as the first process of a root's namespaces, while the old root is still in place. Arguments: the folder of
 * layers, how many processes there may be at once (or nothing), then the command that becomes the keeper.
 *
 * The new root is moved over the old one instead of pivot_root(8): one process less, and unlike in a mere chroot a
 * job may still make user namespaces of its own (browsers, image builders), because its root is its mount namespace's.
 */
export const SETUP_PROGRAM = `set -e
layers=$1 processes=$2
shift 2
[ -z "$processes" ] || echo "$processes" >/proc/sys/kernel/pid_max || true
mkfifo -m 600 "$layers/scratch/.output"
mount --no-mtab --all --fstab "$layers/fstab"
cd "$layers/root"
mount --no-mtab --move . /
exec chroot . "$@"
`;

/**
 * Process 1 of a root. A line on its standard input makes it start a sandbox, which is the command in its arguments;
 * that reads the following lines itself and writes its answers to descriptor 3, as the keeper does: \`ready\` once the
 * root stands, \`ended\` after every process of a sandbox is gone. What the shell says about killed commands is nobody's
 * concern; what the sandbox says is.
 */
export const KEEPER_PROGRAM = `exec 4>&2 2>/dev/null
echo ready >&3
while read -r start; do
  "$@" 2>&4 4>&-
  echo ended >&3
done
`;

/**
 * Process 1 of a sandbox. It runs one script after another: standard input brings a script's file name and the shell to
 * use, descriptor 3 takes \`exit CODE\` back. Arguments: the scratch folder, the project folder.
 *
 * - Whatever a script leaves running is killed before its exit code is told, so nobody writes to the workspace while it
 *   is archived, and no daemon keeps the output open.
 * - SIGUSR1 asks the script's processes to end, SIGUSR2 ends them. As process 1 it cannot be killed from inside.
 * - Its standard input ends when the process that started it is gone: then it ends, and the namespace with it.
 * - Job control (\`set -m\`) is on for one reason: without it a shell starts background commands with SIGINT ignored,
 *   which scripts would inherit. A plain sh may not have it without a terminal; it then goes without.
 * - What it says itself once it is ready is chatter of job control.
 */
export const SUPERVISOR_PROGRAM = `scratch=$1 project=$2
set -m 2>/dev/null
trap 'interrupted=yes; kill -TERM -1 2>/dev/null' USR1
trap 'interrupted=yes; kill -KILL -1 2>/dev/null' USR2
cd "$project"
exec 2>/dev/null
echo ready >&3
while read -r shell name; do
  "$shell" "$scratch/$name" </dev/null >"$scratch/.output" 2>&1 3>&- &
  child=$!
  interrupted=yes
  while [ "$interrupted" ]; do
    interrupted=
    wait "$child"
    code=$?
  done
  kill -KILL -1 2>/dev/null
  echo "exit $code" >&3
done
`;
