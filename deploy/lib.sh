# deploy/lib.sh - what deploy/quickstart and the tests have in common (bash, sourced)
#
# WHAT    How a script speaks and ends, waits for a condition, knows its own processes again, installs
#         packages, and builds. deploy/instance.sh beside it: one postreeve in one directory.
# WHY     The tests start a server the way an operator does, so what they prove is what he gets.
# ENDS    A failure says one clear sentence on standard error and exits with a code of sysexits.h.
# shellcheck shell=bash disable=SC2034

readonly EX_USAGE=64 EX_UNAVAILABLE=69 EX_SOFTWARE=70 EX_CANTCREAT=73 EX_TEMPFAIL=75 EX_NOPERM=77 EX_CONFIG=78

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P) || exit 70
readonly root

say()  { printf '%s\n' "$@"; } # one line for each argument
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die()  { local code=$1; shift; warn "$*"; exit "$code"; }

# wait_until SECONDS COMMAND...: tries the command ten times a second until it succeeds; fails when the time is over.
wait_until()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

# random_password: 24 letters and digits. Other characters break one reader or another of a password (a Postfix
# .cf file, Dovecot's connect string, an option file); these break none.
random_password()
{
    local made
    made=$(head -c 1024 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9')
    ((${#made} >= 24)) || die $EX_SOFTWARE "/dev/urandom gave too little for a password"
    printf '%s\n' "${made:0:24}"
}

# ---- processes: only what we started, known by what it is and not by its number alone ----

# process_is PID_FILE PROGRAM ARGUMENT: prints the pid when the process of that file still runs that program with
# that argument. A number that meanwhile belongs to somebody else's process does not count.
process_is()
{
    local pid word words
    { read -r pid < "$1"; } 2>/dev/null || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    mapfile -d '' -t words 2>/dev/null < "/proc/$pid/cmdline" || return 1
    [[ ${words[0]-} == "$2" || ${words[0]-} == */"$2" ]] || return 1
    for word in "${words[@]}"; do
        if [[ $word == "$3" ]]; then
            printf '%s\n' "$pid"
            return 0
        fi
    done
    return 1
}

process_gone() { ! process_is "$@" > /dev/null; }

# process_stop PID_FILE PROGRAM ARGUMENT SECONDS: asks it to end, and waits until it has. Nothing there is fine.
process_stop()
{
    local pid
    if pid=$(process_is "$1" "$2" "$3"); then
        kill -TERM "$pid" 2>/dev/null
        wait_until "$4" process_gone "$1" "$2" "$3" ||
            die $EX_TEMPFAIL "process $pid ($2) did not end within $4 seconds of SIGTERM"
    fi
    rm -f -- "$1"
}

# process_start PID_FILE LOG COMMAND...: starts it in a session of its own, away from this terminal and from the
# locks that this script holds (a lock lasts as long as anybody has its file open).
process_start()
{
    local pid_file=$1 log=$2
    shift 2
    (
        exec 8>&- 9>&-
        umask 027
        exec setsid -- "$@" < /dev/null >> "$log" 2>&1
    ) &
    printf '%s\n' "$!" > "$pid_file"
    disown "$!"
}

# take_lock NUMBER FILE SECONDS WHAT: holds the file's lock until this script ends. Number 8 is for builds, 9 for
# an instance; process_start closes both.
take_lock()
{
    mkdir -p -- "${2%/*}" || die $EX_CANTCREAT "cannot make ${2%/*}"
    eval "exec $1> \"\$2\"" || die $EX_CANTCREAT "cannot write $2"
    flock -w "$3" "$1" || die $EX_TEMPFAIL "$4"
}

# ---- packages ----

version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# program_serves PROGRAM[>=VERSION]: is it on PATH, and new enough?
program_serves()
{
    local program=${1%%>=*} found
    command -v "$program" > /dev/null || return 1
    [[ $1 == *'>='* ]] || return 0
    found=$("$program" --version 2>/dev/null | head -n 1)
    version_at_least "${found#v}" "${1#*>=}"
}

package_installed() { [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ?i* ]]; }
package_known()     { [[ -n $(apt-cache madison "$1" 2>/dev/null) ]]; }

# packages_missing PURPOSE...: one line for each entry of deploy/packages that is still to be installed.
packages_missing()
{
    local purpose names program name wanted=" $* " installed
    # All names in one question: dpkg reads its whole list for every one that is asked. It fails when it does not
    # know a name, and still answers for the others.
    installed=" $(awk '!/^#/ { gsub(/\|/, " ", $2); print $2 }' "$root/deploy/packages" |
        xargs dpkg-query -W -f '${db:Status-Abbrev}=${Package} ' 2> /dev/null)"
    while read -r purpose names program; do
        [[ $purpose && $purpose != '#'* && $wanted == *" $purpose "* ]] || continue
        if [[ $program ]] && program_serves "$program"; then
            continue
        fi
        for name in ${names//|/ }; do
            [[ $installed != *" "?"i"?"=$name "* ]] || continue 2
        done
        printf '%s\n' "$names"
    done < "$root/deploy/packages"
}

# packages_named ENTRY...: the name of each entry that this system's lists know; fails when they know none.
packages_named()
{
    local entry name
    for entry in "$@"; do
        for name in ${entry//|/ }; do
            if package_known "$name"; then
                printf '%s\n' "$name"
                continue 2
            fi
        done
        return 1
    done
}

# packages_install PURPOSE...: installs what is missing, and nothing when nothing is. No question is asked and no
# service is started: not now (policy-rc.d for the time of the installation), and Postfix stays unconfigured.
packages_install()
{
    local entries names
    command -v dpkg-query > /dev/null ||
        die $EX_UNAVAILABLE "this is not a Debian; install what deploy/packages lists (here by other names) and use --no-packages"
    mapfile -t entries < <(packages_missing "$@")
    ((${#entries[@]})) || return 0
    ((EUID == 0)) ||
        die $EX_NOPERM "packages are missing and only root can install them: apt-get install ${entries[*]%%|*}"

    take_lock 8 /run/lock/postreeve-packages 600 "another installation of packages did not end within ten minutes"
    say "Installing packages: ${entries[*]%%|*}"
    mapfile -t names < <(packages_named "${entries[@]}")
    if ((${#names[@]} != ${#entries[@]})); then
        apt_quietly update
        mapfile -t names < <(packages_named "${entries[@]}")
        ((${#names[@]} == ${#entries[@]})) ||
            die $EX_UNAVAILABLE "the package lists of this system lack some of: ${entries[*]}"
    fi
    # Lists can be so old that what they name is gone from the archive: then once more with new ones.
    packages_unpack "${names[@]}" || { apt_quietly update && packages_unpack "${names[@]}"; } ||
        die $EX_UNAVAILABLE "apt-get could not install: ${names[*]} (its own words: $apt_log)"
    exec 8>&-
    hash -r
}

readonly apt_log=/var/log/postreeve-packages.log

apt_quietly()
{
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
        < /dev/null >> "$apt_log" 2>&1
}

packages_unpack()
(
    policy=/usr/sbin/policy-rc.d
    # A run that was killed half-way left the system's own file beside: it is put back first.
    restore() { rm -f "$policy"; [[ ! -e $policy.postreeve-saved ]] || mv -f "$policy.postreeve-saved" "$policy"; }
    [[ ! -e $policy.postreeve-saved ]] || restore
    trap restore EXIT
    trap 'exit 1' INT TERM HUP
    [[ ! -e $policy ]] || mv "$policy" "$policy.postreeve-saved"
    printf '#!/bin/sh\n# deploy/lib.sh of postreeve put this here while it installs packages: no service starts.\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    if ! package_installed postfix; then
        printf 'postfix postfix/main_mailer_type select No configuration\n' | debconf-set-selections
    fi
    apt_quietly --no-install-recommends install "$@"
)

# packages_lay_out PURPOSE DIRECTORY: fetches the packages of that purpose and what they need and this system lacks, and
# unpacks them below DIRECTORY, once. Nothing is installed or removed: for programs whose packages would put out others.
packages_lay_out()
{
    local entries names package dir=$2
    mapfile -t entries < <(awk -v purpose="$1" '$1 == purpose { print $2 }' "$root/deploy/packages")
    [[ ! -e $dir/.complete || $(< "$dir/.complete") != "${entries[*]}" ]] || return 0
    ((EUID == 0)) || die $EX_NOPERM "only root can fetch packages: apt-get install --download-only ${entries[*]%%|*}"

    take_lock 8 /run/lock/postreeve-packages 600 "another installation of packages did not end within ten minutes"
    say "Fetching packages, not to be installed: ${entries[*]%%|*}"
    rm -rf -- "$dir"
    mkdir -p "$dir/archives/partial" || die $EX_CANTCREAT "cannot make $dir"
    mapfile -t names < <(packages_named "${entries[@]}")
    ((${#names[@]} == ${#entries[@]})) && packages_fetch "$dir/archives" "${names[@]}" ||
        { apt_quietly update && mapfile -t names < <(packages_named "${entries[@]}") &&
            packages_fetch "$dir/archives" "${names[@]}"; } ||
        die $EX_UNAVAILABLE "apt-get could not fetch: ${entries[*]} (its own words: $apt_log)"
    for package in "$dir"/archives/*.deb; do
        dpkg-deb --extract "$package" "$dir" || die $EX_UNAVAILABLE "dpkg-deb could not unpack $package"
    done
    rm -rf -- "$dir/archives"
    printf '%s\n' "${entries[*]}" > "$dir/.complete"
    exec 8>&-
}

packages_fetch()
{
    local archives=$1
    shift
    apt_quietly -o Dir::Cache::archives="$archives" --download-only --no-install-recommends --reinstall install "$@"
}

# ---- builds: one at a time in this tree, by the lock of the build directory ----

# build_programs PRESET DIRECTORY: configures once, and lets ninja decide what is out of date.
build_programs()
{
    local preset=$1 dir=$root/$2 log=$root/$2/build.log
    mkdir -p "$dir" || die $EX_CANTCREAT "cannot make $dir"
    take_lock 8 "$dir/.lock" 1800 "another build in $dir did not end within half an hour"
    say "Building what is out of date in $2 ..."
    if [[ ! -e $dir/build.ninja ]]; then
        (cd "$root" && cmake --preset "$preset") > "$log" 2>&1 ||
            { tail -n 30 "$log" >&2; die $EX_SOFTWARE "cmake could not configure $2 (all of it: $log)"; }
    fi
    cmake --build "$dir" > "$log" 2>&1 ||
        { grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -n 60 >&2; die $EX_SOFTWARE "the build in $2 failed (all of it: $log)"; }
    exec 8>&-
}

# build_pages BIN_DIRECTORY: the web pages, whose types come from the programs' own description of the API.
build_pages()
{
    local bin=$1 web=$root/web described
    [[ -e $web/package.json ]] || return 0
    take_lock 8 "$root/web/.build-lock" 1800 "another build of the web pages did not end within half an hour"
    described=$(mktemp) || die $EX_CANTCREAT "cannot make a temporary file"
    "$bin/postreeve" openapi > "$described" || die $EX_SOFTWARE "postreeve openapi failed"
    cmp -s "$described" "$web/openapi.json" || cat "$described" > "$web/openapi.json"
    rm -f "$described"

    if [[ ! $web/node_modules/.package-lock.json -nt $web/package-lock.json ]]; then
        say "Fetching what the web pages are built with ..."
        # npm 11 calls a lock file out of step when it was made with a registry that does not carry the packages of
        # other platforms; `install --no-save` takes the same versions by the same lock, and changes neither file.
        (cd "$web" && { npm ci --no-audit --no-fund || npm install --no-save --no-audit --no-fund; } < /dev/null) \
            > "$web/.npm.log" 2>&1 ||
            { tail -n 30 "$web/.npm.log" >&2; die $EX_UNAVAILABLE "npm could not fetch what web/ is built with (all of it: web/.npm.log)"; }
        touch "$web/node_modules/.package-lock.json"
    fi
    if [[ ! -e $web/dist/index.html || ! -e $web/.built || -n $(pages_newer "$web") ]]; then
        say "Building the web pages ..."
        (cd "$web" && npm run build < /dev/null) > "$web/.npm.log" 2>&1 ||
            { tail -n 60 "$web/.npm.log" >&2; die $EX_SOFTWARE "npm run build failed in web/ (all of it: web/.npm.log)"; }
        touch "$web/.built"
    fi
    exec 8>&-
}

# pages_newer WEB: names a source of the pages that is newer than what was built from it. Generated types are left
# out: the build itself writes them.
pages_newer()
{
    find "$1" \( -name node_modules -o -name dist -o -name '.*' ! -path "$1" -o -name generated \) -prune \
        -o -type f -newer "$1/.built" -print -quit
}
