# Finds or fetches what everything here needs: a Node.js of at least 22.18 and the npm packages of the lockfile.
# Sourced by bin/slipway and tools/with-node.sh with $root set to the checkout; POSIX sh. Says what it fetches on
# stderr, and is silent when there is nothing to fetch.

# Puts a good Node first on PATH: the pinned one when it was fetched before, else the machine's own when it is new
# enough, else the pinned one, fetched now. Asking an unfit Node for its version each time would cost more than a command.
use_node() {
  pinned=$root/tools/node/node_modules/.bin
  if [ ! -x "$pinned/node" ]; then
    if is_new_enough "$(command -v node 2>/dev/null)"; then return 0; fi
    command -v npm >/dev/null 2>&1 || fail "Slipway needs Node.js 22.18 or newer, or npm to fetch it, and found neither." \
      "Install Node.js (on Debian: apt-get install nodejs npm) and try again."
    say "No Node.js 22.18 or newer on PATH: fetching the pinned one into tools/node (once)."
    with_lock "$root/tools/node" install_node
    # It is an optional package, so npm says nothing when it cannot be had.
    [ -x "$pinned/node" ] || fail "npm did not fetch Node.js: its registry cannot be reached, or has none for $(uname -sm)." \
      "Mend npm's access to its registry, or install Node.js 22.18 or newer yourself and put it on PATH."
    is_new_enough "$pinned/node" || fail "The pinned Node.js does not run on this machine ($(uname -sm))." \
      "Install Node.js 22.18 or newer yourself, put it on PATH, and remove tools/node/node_modules."
  fi
  PATH=$pinned:$PATH
  export PATH
}

# Installs the npm packages when they are not those of the lockfile.
use_packages() {
  installed=$root/node_modules/.installed-lock.json
  # Comparing the files is left for when the lockfile was touched since: it starts a process.
  if [ -f "$installed" ] && [ ! "$root/package-lock.json" -nt "$installed" ]; then return 0; fi
  if cmp -s "$root/package-lock.json" "$installed"; then return 0; fi
  with_lock "$root" install_packages
}

# Whether the program $1 is a Node.js of at least 22.18.
is_new_enough() {
  [ -n "$1" ] || return 1
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  rest=${version#*.}
  minor=${rest%%.*}
  case $major$minor in '' | *[!0-9]*) return 1 ;; esac
  [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 18 ]; }
}

install_node() {
  [ -x "$root/tools/node/node_modules/.bin/node" ] && return 0
  npm ci --prefix "$root/tools/node" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm could not fetch Node.js (its message is above)."
}

# `npm install` leaves the right packages but not our copy of the lockfile; then only the copy is missing.
install_packages() {
  if ! node "$root/tools/packages-are-installed.ts" "$root" 2>/dev/null; then
    command -v npm >/dev/null 2>&1 || fail "npm is needed once, to install Slipway's packages, and is not on PATH."
    say "Installing the npm packages of the lockfile (once)."
    (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
      fail "npm ci failed (its message is above)."
  fi
  cp "$root/package-lock.json" "$root/node_modules/.installed-lock.json"
}

# Two commands started at once must not install into one folder at once: the second waits, then finds it done.
with_lock() {
  lock=$1/.installing
  until mkdir "$lock" 2>/dev/null; do
    [ -d "$1" ] && [ -w "$1" ] || fail "$1 cannot be written to, and something must be installed there."
    # The lock may go, or not say yet whose it is, between two looks at it.
    owner=$(cat "$lock/pid" 2>/dev/null) || owner=
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock"; else sleep 1; fi
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT TERM
  "$2"
  rm -rf "$lock"
  trap - EXIT INT TERM
}

say() {
  printf 'slipway: %s\n' "$1" >&2
}

fail() {
  for line in "$@"; do say "$line"; done
  exit 1
}
