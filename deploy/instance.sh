# deploy/instance.sh - one postreeve in one directory: its database, its accounts, its configuration, its service
#
# WHAT    DIR/postreeve.conf    the configuration; written once, then the operator's
#         DIR/my.cnf            the private MariaDB's configuration; likewise
#         DIR/mysql             its data; DIR/mysql.sock its only door
#         DIR/root.cnf          how the owner of DIR comes in as the database's root (no password: the socket
#                               tells MariaDB who is asking)
#         DIR/postreeve.cnf     the service's account and password
#         DIR/postfix.cnf       the mail daemons' account and password; it can read little
#         DIR/log               what they say
#         DIR/keys              secret.key, under which secrets are stored; made once, never replaced
#         DIR/tmp               what MariaDB sorts on disk: one that starts removes what others have in a shared /tmp
# WHY     Several live beside each other and nobody else's MariaDB is touched: an instance has no file and no
#         process outside DIR (but for the directory of a socket whose path would be too long).
#         Everything runs as the account that called: a clone in a closed home directory can be run by nobody
#         else, and containers often have root alone. The database hears no network, the service loopback only.
# OWNS    Functions beginning with instance_; call instance_open first.
# shellcheck shell=bash source=deploy/lib.sh

readonly socket_path_max=107 # sun_path of unix(7) has 108 bytes, the last of them NUL

# instance_open DIR: names everything in DIR, which need not exist yet.
instance_open()
{
    instance=$(realpath -m -- "$1") || die $EX_USAGE "not a directory's name: $1"
    [[ $instance != *[[:space:]\"\'\#\;]* ]] ||
        die $EX_USAGE "the directory's name has a space, a quote, # or ;, which configuration files cannot hold: $instance"
    instance_config=$instance/postreeve.conf
    instance_bin=${instance_bin:-$root/build/bin}
    instance_socket=$instance/mysql.sock
    if [[ -s $instance/socket-path ]]; then
        instance_socket=$(< "$instance/socket-path")
    fi
}

instance_make_directory()
{
    umask 022
    [[ ! -d $instance || -w $instance ]] ||
        die $EX_NOPERM "cannot write in $instance: it belongs to $(stat -c %U "$instance")"
    mkdir -p -- "$instance" "$instance/log" "$instance/keys" "$instance/tmp" 2>/dev/null ||
        die $EX_CANTCREAT "cannot make $instance; choose another place with --data"
    chmod 0750 "$instance/log"
    chmod 0700 "$instance/keys" "$instance/tmp"
    instance_place_socket
}

# A deep directory would make the socket's path longer than the system allows. Then it stands in a short directory
# of its own, whose name is kept in DIR; it is made again after a restart of the machine has emptied /run or /tmp.
instance_place_socket()
{
    local dir
    if [[ -s $instance/socket-path ]]; then
        dir=${instance_socket%/*}
        [[ -d $dir ]] || mkdir -m 0755 -- "$dir" || die $EX_CANTCREAT "cannot make $dir for the database's socket"
        [[ -O $dir ]] || die $EX_NOPERM "$dir, the place of the database's socket, belongs to somebody else"
        return
    fi
    (($(LC_ALL=C; printf %s "$instance_socket" | wc -c) > socket_path_max)) || return 0
    dir=$(mktemp -d /run/postreeve.XXXXXX 2>/dev/null || mktemp -d /tmp/postreeve.XXXXXX) ||
        die $EX_CANTCREAT "cannot make a directory for the database's socket in /run or /tmp"
    chmod 0755 "$dir"
    instance_socket=$dir/mysql.sock
    printf '%s\n' "$instance_socket" > "$instance/socket-path"
}

# ---- the database ----

# database_configure [EXTRA_LINE...]
database_configure()
{
    [[ ! -e $instance/my.cnf ]] || return 0
    {
        printf '# The private MariaDB of postreeve in this directory. Written once; yours to change from now on.\n'
        printf '[mariadbd]\n'
        ((EUID != 0)) || printf 'user = root\n'
        printf '%s\n' "datadir = $instance/mysql" "socket = $instance_socket" "pid-file = $instance/mariadb.pid" \
            "log-error = $instance/log/mariadb.log" \
            "tmpdir = $instance/tmp" 'skip-networking' 'skip-name-resolve' 'skip-log-bin' \
            'character-set-server = utf8mb4' 'collation-server = utf8mb4_bin' \
            'innodb_buffer_pool_size = 128M' 'max_connections = 200' "$@"
    } > "$instance/my.cnf.new" && mv "$instance/my.cnf.new" "$instance/my.cnf"
}

# database_create METHOD: socket (the caller's own account is the database's root) or normal (root without a
# password: for tests, whose directory nobody else can enter). Made beside and renamed, so that a run which was
# killed half-way leaves no half a database behind.
database_create()
{
    [[ ! -d $instance/mysql ]] || return 0
    local made=$instance/mysql.new
    rm -rf -- "$made"
    mariadb-install-db --defaults-file="$instance/my.cnf" --datadir="$made" --skip-test-db \
        --auth-root-authentication-method="$1" --auth-root-socket-user="$(id -un)" \
        > "$instance/log/mariadb-install-db.log" 2>&1 < /dev/null ||
        { tail -n 20 "$instance/log/mariadb-install-db.log" "$instance/log/mariadb.log" >&2
          die $EX_SOFTWARE "mariadb-install-db could not make a database in $instance"; }
    mv -- "$made" "$instance/mysql"
}

database_running() { process_is "$instance/mariadb.pid" mariadbd "--defaults-file=$instance/my.cnf"; }
database_answers() { mariadb --defaults-file="$instance/root.cnf" -e 'SELECT 1' > /dev/null 2>&1 < /dev/null; }
database_ready_or_gone() { database_answers || ! kill -0 "$1" 2>/dev/null; }

# database_start: ends when it answers. Recovery after a crash may take long, so the limit is generous.
database_start()
{
    local pid
    if ! pid=$(database_running); then
        process_start "$instance/mariadb.pid" "$instance/log/mariadb.log" \
            "$(mariadb_program)" --defaults-file="$instance/my.cnf"
        pid=$!
    fi
    wait_until 120 database_ready_or_gone "$pid"
    database_answers ||
        { tail -n 20 "$instance/log/mariadb.log" >&2
          die $EX_UNAVAILABLE "the database in $instance does not answer (all it said: $instance/log/mariadb.log)"; }
}

mariadb_program()
{
    PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd ||
        die $EX_UNAVAILABLE "mariadbd is not installed (package mariadb-server-core)"
}

database_stop()
{
    process_stop "$instance/mariadb.pid" mariadbd "--defaults-file=$instance/my.cnf" 120
    [[ ! -s $instance/socket-path ]] || rmdir -- "${instance_socket%/*}" 2> /dev/null || true
}

# SQL comes in on standard input: an argument could be read by everybody in the list of processes.
database_sql() { mariadb --defaults-file="$instance/root.cnf" "$@"; }

# option_file FILE MODE USER [PASSWORD]: how to reach this database as somebody; the client library reads it.
option_file()
{
    local file=$1 mode=$2 user=$3 password=${4-}
    [[ ! -e $file ]] || return 0
    (
        umask 077
        {
            printf '[client]\nsocket = %s\nuser = %s\n' "$instance_socket" "$user"
            [[ ! $password ]] || printf 'password = %s\n' "$password"
            printf 'default-character-set = utf8mb4\n'
        } > "$file.new" && chmod "$mode" "$file.new" && mv "$file.new" "$file"
    ) || die $EX_CANTCREAT "cannot write $file"
}

option_value() { sed -n "s/^$2 = //p" "$1"; }

# database_accounts: the database postreeve, and the accounts postreeve and postfix with the passwords of their
# option files. What they may do is sql/grants.sql's to say, after the tables are there.
database_accounts()
{
    local service_password lookup_password
    service_password=$(random_password) && lookup_password=$(random_password) || exit
    option_file "$instance/postreeve.cnf" 0600 postreeve "$service_password"
    option_file "$instance/postfix.cnf" 0640 postfix "$lookup_password"
    service_password=$(option_value "$instance/postreeve.cnf" password)
    lookup_password=$(option_value "$instance/postfix.cnf" password)
    [[ $service_password =~ ^[A-Za-z0-9._-]+$ && $lookup_password =~ ^[A-Za-z0-9._-]+$ ]] ||
        die $EX_CONFIG "a password in $instance/postreeve.cnf or postfix.cnf is missing or not of A-Z a-z 0-9 . _ - alone"
    if ((EUID == 0)) && getent group postfix > /dev/null; then
        chgrp postfix "$instance/postfix.cnf"
    fi
    database_sql << SQL || die $EX_SOFTWARE "the database's root could not make the accounts"
CREATE DATABASE IF NOT EXISTS postreeve CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS postreeve@localhost;
CREATE USER IF NOT EXISTS postfix@localhost;
ALTER USER postreeve@localhost IDENTIFIED BY '$service_password';
ALTER USER postfix@localhost IDENTIFIED BY '$lookup_password';
SQL
}

# database_migrate: brings the tables up to date as the database's root (the service's own account changes rows,
# never tables), then says who may do what.
database_migrate()
{
    "$instance_bin/postreeve" -c "$instance_config" migrate --option-file "$instance/root.cnf" \
        > "$instance/log/migrate.log" 2>&1 < /dev/null ||
        { local code=$?; tail -n 20 "$instance/log/migrate.log" >&2
          die $code "the database's tables could not be brought up to date"; }
    database_sql postreeve < "$root/sql/grants.sql" > /dev/null || die $EX_SOFTWARE "sql/grants.sql failed"
}

# database_up METHOD [EXTRA_LINE...]: everything from nothing, or whatever of it is still to do.
database_up()
{
    local method=$1 user=root
    shift
    [[ $method == normal ]] || user=$(id -un)
    database_configure "$@"
    option_file "$instance/root.cnf" 0600 "$user"
    database_create "$method"
    database_start
}

# ---- the service ----

# secret_key: the key of what is stored encrypted. It is made once and never replaced: another could read nothing of
# what this one sealed. A configuration from before there were keys is told of it, unless it names one of its own.
secret_key()
{
    local key=$instance/keys/secret.key digits
    [[ ! -e $key ]] || return 0
    if [[ -e $instance_config ]]; then
        if ! grep -qE '^[[:space:]]*key_file[[:space:]]*=' "$instance_config"; then
            printf '\n; Added by deploy/quickstart: the key under which secrets are stored.\n[secrets]\nkey_file = %s\n' \
                "$key" >> "$instance_config" || die $EX_CANTCREAT "cannot write $instance_config"
        elif ! grep -qE "^[[:space:]]*key_file[[:space:]]*=[[:space:]]*$key[[:space:]]*$" "$instance_config"; then
            return 0
        fi
    fi
    digits=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
    [[ $digits =~ ^[0-9a-f]{64}$ ]] || die $EX_SOFTWARE "/dev/urandom gave too little for a key"
    (umask 077; printf '%s\n' "$digits" > "$key.new" && mv "$key.new" "$key") || die $EX_CANTCREAT "cannot write $key"
}

# service_configure PORT
service_configure()
{
    secret_key
    [[ ! -e $instance_config ]] || return 0
    sed -e "s|@PORT@|$1|g" -e "s|@WEB@|$root/web/dist|g" -e "s|@LIST@|$root/deploy/common-passwords.txt|g" -e "s|@SOCKET@|$instance_socket|g" -e "s|@DIR@|$instance|g" \
        "$root/deploy/postreeve.conf.in" > "$instance_config.new" && mv "$instance_config.new" "$instance_config" ||
        die $EX_CANTCREAT "cannot write $instance_config"
}

# service_listen: what the configuration says behind `listen =` of [server].
service_listen()
{
    awk -F= '/^[[:space:]]*\[/ { here = ($0 ~ /\[server\]/) }
        here && $1 ~ /^[[:space:]]*listen[[:space:]]*$/ { gsub(/[[:space:]]|[;#].*/, "", $2); print $2; exit }' \
        "$instance_config"
}

service_url()
{
    local listen scheme=http
    listen=$(service_listen)
    listen=${listen:-127.0.0.1:8080}
    case $listen in
        0.0.0.0:*) listen=127.0.0.1:${listen##*:} ;;
        '[::]:'*)  listen="[::1]:${listen##*:}" ;;
    esac
    grep -qE '^[[:space:]]*tls_certificate[[:space:]]*=' "$instance_config" && scheme=https
    printf '%s://%s\n' "$scheme" "$listen"
}

# port_taken ADDRESS:PORT, an IPv6 address in brackets
port_taken()
{
    local host=${1%:*}
    host=${host#[}
    (exec 3<> "/dev/tcp/${host%]}/${1##*:}") 2> /dev/null
}

service_running() { process_is "$instance/postreeved.pid" postreeved "$instance_config"; }

# A new build replaced the file of the running program: /proc says "(deleted)" behind its name.
service_outdated() { [[ $(readlink "/proc/$1/exe") == *' (deleted)' ]]; }

# The loopback service may show a certificate that names another host: -k. No proxy stands between us.
service_ready() { curl -fskS --noproxy '*' --max-time 5 -o /dev/null "$(service_url)/readyz" 2> /dev/null; }
service_ready_or_gone() { service_ready || ! kill -0 "$1" 2>/dev/null; }

# service_start: ends when /readyz answers; fails with the log's last lines.
service_start()
{
    local pid
    if pid=$(service_running) && service_outdated "$pid"; then
        service_stop
    fi
    if ! pid=$(service_running); then
        process_start "$instance/postreeved.pid" "$instance/log/postreeved.log" \
            "$instance_bin/postreeved" -c "$instance_config"
        pid=$!
    fi
    wait_until 60 service_ready_or_gone "$pid"
    kill -0 "$pid" 2>/dev/null && service_ready
}

service_stop() { process_stop "$instance/postreeved.pid" postreeved "$instance_config" 60; }

service_failed()
{
    tail -n 20 "$instance/log/postreeved.log" >&2
    die $EX_UNAVAILABLE "postreeved did not become ready (all it said: $instance/log/postreeved.log)"
}

# ---- administrators ----

# command_line WORDS...: the operator's command on this instance.
command_line() { "$instance_bin/postreeve" -c "$instance_config" "$@"; }

# admin_create NAME PASSWORD_FILE
admin_create()
{
    command_line admin create "$1" --super-admin --password-file "$2" > /dev/null ||
        die $? "could not create the administrator $1"
}

# secret_file TEXT: a file that only we can read, with that one line; prints its name.
secret_file()
{
    local file
    file=$(umask 077; mktemp "$instance/keys/secret.XXXXXX") || die $EX_CANTCREAT "cannot write in $instance/keys"
    printf '%s\n' "$1" > "$file"
    printf '%s\n' "$file"
}
